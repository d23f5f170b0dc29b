/** A text as a regular expression (RE2) that matches it alone. */
export const escaped = (text: string) => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&");
