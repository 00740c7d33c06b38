/** Chinese words of a console whose data are made up. */
export const demonstrationZhCN = {
  'demonstration.mark': '演示数据',
  'demonstration.why': '单位、人员、计算机、介质与记录均由模拟器生成，纯属虚构，不得用于实际工作。',
  'error.demonstration-only': '本控制台为演示，不接入真实计算机。请另用空白数据目录启动正式控制台。',
} as const
