/** Words of one's own turn, in English. */
import type zh from './zh'

const en: typeof zh = {
  device: {
    camera: 'Camera', microphone: 'Microphone', screen: 'Screen', choose: 'Choose {what}', default: 'Default device', open: 'Open camera and microphone', level: 'Microphone level',
    silent: 'The microphone is silent', silentDetail: 'Say something; if nothing moves, check its switch or choose another one.',
    insecure: { camera: 'This page cannot use the camera', microphone: 'This page cannot use the microphone', detail: 'Open it by an address that starts with https://.' },
    denied: { camera: 'The browser does not allow the camera', microphone: 'The browser does not allow the microphone', detail: 'Click the sign left of the address, allow it, and try again.' },
    missing: { camera: 'No camera found', microphone: 'No microphone found', detail: 'Plug it in; it will open by itself.' },
    busy: { camera: 'Another program uses the camera', microphone: 'Another program uses the microphone', detail: 'Close that program and try again.' },
    failed: { camera: 'The camera does not open', microphone: 'The microphone does not open', detail: 'Unplug it, plug it in, and try again.' },
    unplugged: { camera: 'The camera was unplugged', microphone: 'The microphone was unplugged', detail: 'Plug it in; it will come back by itself.' },
  },
  turn: {
    raiseAsk: 'Allow microphone and raise hand', topic: 'About what (optional)', topicHint: 'For example: how we rehearse emergencies', camera: 'Camera, too', withdraw: 'Lower hand', connect: 'Connect', later: 'Not now',
    ownPicture: 'My picture', byPhone: 'When it is your turn everybody sees and hears you. The browser asks for the microphone first: allow it. Nothing is heard while you wait.',
    byRoom: 'You are in {venue}. You speak by the room’s microphone and camera; the phone stays silent, against the echo.', place: 'Number {n} in the queue',
    wait: 'Keep this page open. You will be asked to connect; nothing is heard before.', waitRoom: 'Speak by the room’s microphone when it is your turn; the phone stays silent.', invited: 'Everybody sees and hears you once you connect.',
    connecting: 'Connecting…', left: 'Connect within {s} s', speak: 'Everybody hears you.', speakRoom: 'Speak by the room’s microphone; the phone stays silent.',
    title: { none: 'Raise a hand', waiting: 'Hand is up', invited: 'It is your turn', on_air: 'You are on air' },
    over: { done: 'Your turn is over, thank you', missed: 'Not connected in time: the next one was asked. Raise your hand again if you like', declined: 'Your hand was lowered. Raise it again if needed' },
  },
}

export default en
