/** Whether the page is as narrow as a phone's: what a stylesheet cannot decide alone. */
import { ref } from 'vue'

const query = matchMedia('(width < 640px)')
export const narrow = ref(query.matches)
query.addEventListener('change', (event) => { narrow.value = event.matches })
