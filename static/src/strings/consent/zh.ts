/** Words of what is asked before anything else. */
export default {
  consent: {
    title: '使用前请阅读并同意', lead: '{name}，请阅读下面的内容。同意后才能继续，同意的时间、地址和版本会留存。', version: '第 {n} 版，{t} 发布',
    accept: '我已阅读并同意', refuse: '不同意', refuseAsk: '不同意，退出登录？', refuseDetail: '不同意就不能使用本系统，也不会留下同意记录。要参加学习，请联系本支部书记，由其在现场为您协助签到或另作安排。', leave: '退出登录',
    left: '已退出登录', leftDetail: '您没有同意，因此不能使用本系统。要参加学习，请联系本支部书记，由其在现场为您协助签到或另作安排。以后愿意同意时，重新登录即可。', login: '重新登录',
    loading: '正在读取…',
  },
}
