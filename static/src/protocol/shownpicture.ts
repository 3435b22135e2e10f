/** A question's picture (docs/protocol.md, Quizzes), and where its file is asked for: beside its question. No I/O. */

export interface Picture { sha256: string, alt: string, width: number, height: number }
export type PictureSize = 'screen' | 'phone' | 'thumb'

/** What may see it: a path under `/api/v1`, as `quizzes/<id>`. */
export const besideQuestion = {
  quiz: (id: string) => `quizzes/${id}/picture`,
  question: (id: string) => `questions/${id}/picture`,
  bank: (id: string) => `bank/${id}/picture`,
  attempt: (makeUp: string, id: string) => `make-ups/${makeUp}/attempts/${id}/picture`,
  own: 'question-pictures',
}
export const pictureAt = (beside: string, picture: Pick<Picture, 'sha256'>, size: PictureSize): string => `/api/v1/${beside}?sha256=${picture.sha256}&size=${size}`
