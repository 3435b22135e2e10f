/** A lesson's decks and handouts, their pages drawn on the spot, and the page on stage. */

import type { Material } from '../src/protocol/materials'
import type { Slides } from '../src/protocol/slides'
import { minutes } from './sample-data'

const TITLES = ['班组安全生产', '本次课的三个问题', '作业前的风险辨识', '常见隐患与处置', '报告与记录', '小结']

const paper = (id: string, name: string, over: Partial<Material> = {}): Material => ({
  id, kind: 'slides', name, state: 'ready', release: 'during', bytes: 3_400_000, created_at: minutes(-600), created_by: '会控甲', job_id: null, progress: 100, code: null, text: null, text_en: null,
  pages: TITLES.length, titles: TITLES, sizes: TITLES.map(() => [1600, 900]), duration_ms: 0, reached: 3, whole: true, base: `/s/papers/${id}/`, ...over,
})
export const papers = [
  paper('d1', '班组安全生产'),
  paper('d2', '华东区域动力设备检修与综合能源服务中心年度安全生产警示教育课件（第三讲）'),
  paper('d3', '急救常识', { state: 'converting', progress: 40, base: null }),
  paper('h1', '应急电话与集合点', { kind: 'handout' }),
]

let slides: Slides | null = null
export const slidesOnStage = () => slides

/** Whether it was a command about slides. */
export function turnSlides(act: string, body: Record<string, unknown>): boolean {
  const found = papers.find(one => one.id === body.material_id)
  if (act === 'slides/open' && found) slides = { material_id: found.id, name: found.name, page: 3, pages: found.pages, reached: 3, at: minutes(0) }
  if (act === 'slides/turn' && slides) slides = { ...slides, page: Number(body.page), reached: Math.max(slides.reached, Number(body.page)) }
  if (act === 'slides/close') slides = null
  return act.startsWith('slides/')
}

/** One page; null: it is not one of theirs. */
export function drawn(path: string): string | null {
  const found = /^\/s\/papers\/\w+\/\w+-(\d+)\.webp/.exec(path)
  if (!found) return null
  const page = Number(found[1])
  return `<svg xmlns="http://www.w3.org/2000/svg" width="1600" height="900"><rect width="1600" height="900" fill="#fff"/><rect width="1600" height="24" fill="#b3191f"/>
    <text x="120" y="240" font-size="84" font-weight="600" fill="#1f2329" font-family="sans-serif">${TITLES[page - 1] ?? ''}</text>
    <g font-size="52" fill="#5c6470" font-family="sans-serif"><text x="120" y="400">一、开工前看现场、看设备、看票证</text><text x="120" y="500">二、不明情况先停下，再报告</text><text x="120" y="600">三、记录写清时间、地点、处置</text></g>
    <text x="1480" y="850" font-size="36" fill="#5c6470" font-family="sans-serif">${page}</text></svg>`
}
