/** Words of slides and handouts; they travel with the parts that show them. */
export default {
  papers: {
    none: '本场没有资料', noneDetail: '有课件时会放在这里。', slides: '课件', handout: '讲义', clip: '短片', pages: '{n} 页', shown: '已讲到第 {n} 页', now: '正在展示', look: '查看', download: '下载', page: '第 {n} / {m} 页', pageIs: '{name} 第 {n} 页', opening: '正在打开课件…', failed: '这一页没有打开',
    before: '上一页', next: '下一页', back: '回到讲师页', withLecturer: '跟随讲师翻页；声音请听会场', ownPace: '自己翻看中，不再跟随讲师', close: '关闭', upTo: '讲到的页都在这里；后面的页讲到时再看。',
    title: '课件、讲义与短片', lead: '课件和讲义为 PDF，最多 200 页、100 MB，转成图片后学员手机也能看清；短片为视频，最长 {m} 分钟、1 GB，转换后由会控或讲师播放。', upload: '上传', kind: '类型', kindOf: { slides: '课件（上课时翻页）', handout: '讲义（供阅读）', clip: '短片（上课时播放）' }, readers: '谁可以看', release: { staff: '仅会务，展示时可见', before: '排期后即可看', during: '签到开始后可看', after: '下课后可看' },
    choose: '选择文件', sending: '正在上传 {p}%', states: { uploading: '正在上传', queued: '等待处理', converting: '正在处理 {p}%', ready: '可以使用', failed: '没有处理成功' }, stop: '取消', remove: '删除', removeAsk: '删除“{name}”？', removeDetail: '文件和页面会一起删除，不能恢复。', rename: '改名', name: '名称', save: '保存',
    unfit: { pdf: { type: '请选择 PDF 文件。', size: '文件超过 100 MB，请压缩或拆分后再传。' }, clip: { type: '请选择视频文件，例如 MP4、MOV、MKV。', size: '视频超过 1 GB，请压缩或分成几段再传。' } }, empty: '还没有课件、讲义和短片', emptyDetail: '上传 PDF 后可在讲台上打开并翻页，上传视频后可作为短片播放。', by: '{name} 上传于 {t}', secret: '严禁上传涉密内容',
    openNow: '展示', closeSlides: '收起课件', following: '下一页', last: '已是最后一页', keys: '← → 或翻页笔翻页', noneDesk: '在这里或管理页上传 PDF，处理完成后一键展示。', deck: '课件 {name}', thumbs: '全部页', offAir: '开放会场后可以展示',
  },
}
