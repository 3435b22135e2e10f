/** Words of the question bank. */
export default {
  bank: {
    title: '题库', lead: '题目归党组织所有，修改即成为新版本，已选入课程的题目不变。', add: '新题目', import: '导入题目', export: '导出', find: '查找题干、出处或标签', count: '共 {n} 题', more: '再显示一些',
    allUnits: '全部党组织', allKinds: '全部题型', allTags: '全部标签', allLevels: '全部难度', inUse: '使用中', retired: '已停用', unit: '所属党组织', kindOf: '题型', level: '难度', tags: '标签', tagN: '{t}（{n}）', state: '状态', clear: '清除筛选',
    none: '题库里还没有题目', noneDetail: '点“新题目”写一道，或用模板整表导入。', noMatch: '没有符合条件的题目', noMatchDetail: '换个词，或清除筛选。', forbidden: '您不能查看题库', forbiddenDetail: '题库由学校管理员、会务、讲师和支部书记维护。',
    kind: { single: '单选题', multiple: '多选题', true_false: '判断题', fill_in: '填空题', ordering: '排序题', opinion: '意见征集', word_cloud: '词云' },
    difficulty: { easy: '易', medium: '中', hard: '难' },
    scoring: { 0: '不计分', 1: '全对得分', 2: '漏选得一半', 3: '按选项得分', 4: '按空得分', 5: '顺序全对得分', 6: '按先后关系得分' },
    scoringWhat: { 0: '不计分，也没有正确答案；上屏前须审核，不代替组织表决。', 1: '全部选对才得分。', 2: '少选但没有错选，得一半；有错选不得分。', 3: '选对一项得一份，选错一项扣一份，不倒扣。', 4: '每空一份；全角半角、大小写、标点、空格和中文数字不影响判分。', 5: '顺序全部正确才得分。', 6: '任意两项先后正确得一份。' },
    version: '第 {n} 版', used: '已用于课程', edit: '修改', retire: '停用', restore: '恢复使用', versions: '版本', retireAsk: '停用这道题吗？', retireDetail: '停用后不再出现在选题中；已选入课程的题目不受影响，随时可以恢复。',
    new: '新题目', change: '修改题目', changeDetail: '保存后成为第 {n} 版；已选入课程的仍是原来的版本。', text: '题干', textHint: '例如：发现设备异响时，第一步应当做什么？', blankHint: '用两个以上下划线表示空，例如：火警电话是____。', options: '选项', orderHint: '按正确顺序填写；作答时顺序会打乱。', option: '选项 {l}', moreOptions: '再加一个选项', up: '上移', down: '下移', markRight: '设为正确答案', tickOne: '点字母标出正确答案；留空的选项不会显示。', tickSeveral: '点字母标出全部正确答案；留空的选项不会显示。', rightAnswer: '正确答案', true: '正确', false: '错误',
    picture: '配图', pictureChoose: '选择图片', pictureOther: '换一张', pictureDrop: '去掉配图', pictureHint: '也可以拖到这里，或在题干里粘贴。PNG、JPG、WebP，不超过 2 MB。', pictureSending: '正在上传…', pictureDrawing: '正在处理…', alt: '图中内容（读屏和图片加载不出时使用）', altHint: '写清看图才知道的内容，例如：红色瓶身、标有“干粉”的灭火器', needAlt: '请写明图中内容', pictureUnfit: { kind: '请选 PNG、JPG 或 WebP 图片', large: '图片超过 2 MB，请缩小或裁剪后再选' }, unpictured: '表格不带图片，以下 {n} 格所说的配图不会导入，请在导入后为题目上传：{c}',
    blanks: '各空的答案', blank: '第 {n} 空', blanksHint: '同一空的几种写法用竖线（|）隔开，例如：119|火警电话', moreBlanks: '再加一空', marking: '计分方式', explanation: '解析', source: '出处', sourceHint: '例如：《安全生产法》第二十五条', tagsHint: '用顿号隔开，最多 10 个', seconds: '作答时间（秒）', save: '保存题目',
    needText: '请填写题干。', needOptions: '至少填写两个选项。', sameOptions: '有两个选项相同。', needCorrect: '请标出正确答案。', needBlank: '至少填写一空的答案。', gapBlank: '前面有一空还没有答案，请依次填写。', badBlank: '答案中不能有分号。', otherBlanks: '题干中有 {n} 处____，请填写 {n} 空的答案。', badSeconds: '作答时间为 5 到 3600 秒。', badTags: '标签最多 10 个，每个不超过 20 个字。',
    preview: '手机上的样子', noText: '题干会显示在这里', yours: '写下您的意见', word: '写一个词', answerIs: '答案', order: '正确顺序',
    history: '版本记录', historyLead: '修改不会覆盖旧版本。', by: '{name} · {t}', usedAt: '{t} 起用于课程', current: '现在的版本', close: '关闭',
    importTitle: '导入题目', importLead: '先核对，不改动题库；确认后整表导入，有一格错误就一题不导入。题型和题干都相同的题会成为新版本。', template: '下载模板', choose: '选择题目表', chooseHint: 'XLSX 或 CSV（UTF-8、GB18030），最多 2000 题', checking: '正在核对…', sending: '正在上传 {p}%', importing: '正在导入…', unfit: { type: '请选择 XLSX、XLS、ODS 或 CSV 文件', size: '文件超过 16 MB', empty: '文件是空的' },
    wrong: '有 {n} 处需要改正，还没有导入任何题目', wrongDetail: '请按下面列出的单元格改正后重新选择文件。', fine: '可以导入：新增 {a} 题，更新 {b} 题', fineDetail: '确认之前题库没有任何改动。', noRows: '这张表里还没有题目', same: '表中的题目都已在题库中，没有需要改动的', done: '已导入：新增 {a} 题，更新 {b} 题', apply: '确认导入', other: '换一个文件', unchanged: '{n} 题没有变化', ignored: '这些列没有用到：{c}', cell: '单元格', value: '内容', reason: '原因', blankCell: '（空）', step: { created: '新增', changed: '更新' }, first: '下面列出前 {n} 条。',
    fromBank: '从题库选题', pickLead: '选中的题目按选择的顺序加到最后；以后修改题库，本课的题目不变。', pickNone: '没有可选的题目', pickNoneDetail: '请换一个条件查找，或先在题库中建题。', pick: '选入 {n} 题',
  },
  paper: {
    title: '试卷', lead: '由题库的题目组成：可以固定选题，也可以按标签、题型、难度抽题；在课程的“题目”里选用。', new: '新试卷', change: '修改试卷', name: '名称', nameHint: '例如：消防安全应知应会', fixed: '固定题目', fixedHint: '选用的是题目现在的版本，以后修改题库，试卷不变。', add: '选入', drop: '移除', outdated: '题库已有新版本或已停用',
    draws: '抽题', drawsHint: '每次选入课程时由服务器随机抽取，随机种子和候选题目留存备查。', count: '抽题数', of: '题，范围', available: '可抽 {n} 题', moreDraws: '再加一项抽题', mixed: '题目顺序也随机', mixedShort: '顺序随机', size: '共 {n} 题', save: '保存试卷',
    needName: '请填写试卷名称。', needQuestions: '请选入题目，或添加抽题。', manyQuestions: '一份试卷最多 50 题。', badCount: '抽题数至少为 1。', none: '还没有试卷', noneDetail: '在题库的“试卷”中新建一份。', count_: '共 {n} 份', fixedN: '固定 {n} 题', drawn: '抽 {n} 题（{what}）', any: '全部题目', short: '题库中可抽的题不够，请调整。', outdatedN: '{n} 道固定题目在题库中已有新版本或已停用',
    fromPaper: '从试卷抽题', pickLead: '现在抽题，题目加到本课最后；抽出以后可以单独修改或删除。', take: '抽题并选入',
  },
}
