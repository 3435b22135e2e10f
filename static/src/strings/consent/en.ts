export default {
  consent: {
    title: 'Please read and agree first', lead: '{name}, please read the following. You can go on once you agree; when, from where and to which version is recorded.', version: 'Version {n}, published {t}',
    accept: 'I have read this and agree', refuse: 'I do not agree', refuseAsk: 'Not agree, and log out?', refuseDetail: 'Without agreement you cannot use this system, and nothing is recorded. To take part, ask the secretary of your branch, who can sign you in on the spot or arrange something else.', leave: 'Log out',
    left: 'You are logged out', leftDetail: 'You did not agree, so you cannot use this system. To take part, ask the secretary of your branch, who can sign you in on the spot or arrange something else. Log in again whenever you want to agree.', login: 'Log in again',
    loading: 'Reading…',
  },
}
