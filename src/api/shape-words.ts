// The words in which shapes are written.

export const text = "text";
export const number = "number";
export const flag = "flag";
export const list = <const S>(of: S) => ({ list: of });
export const map = <const S>(of: S) => ({ map: of });
export const maybe = <const S>(of: S) => ({ maybe: of });
export const texts = maybe(list(text));
export const counts = maybe(map(number));
export const indexes = { CreateIndex: number, ModifyIndex: number } as const;
export const times = { CreateTime: number, ModifyTime: number } as const;
