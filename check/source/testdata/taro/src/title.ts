export const title = '装修报价'
