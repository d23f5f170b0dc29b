import { describe, expect, test } from "vitest";
import { beginning, clean, quoted, quotedLine } from "../../src/text/untrusted.ts";

describe("what is taken out", () => {
  test.each([
    ["colours", "\u001b[1;31mred\u001b[0m", "red"],
    ["cursor movements", "a\u001b[2J\u001b[H\u001b[?25lb", "ab"],
    ["window titles", "\u001b]0;title\u0007a\u001b]8;;http://x\u001b\\link", "alink"],
    ["a bell, a backspace, a NUL", "a\u0007\u0008\u0000b", "ab"],
    ["C1 controls", "a\u009b31mb", "a31mb"],
    ["text that turns its direction", "a\u202eb\u2066c\u200fd", "abcd"],
    ["what cannot be seen", "a\u200b\u00ad\u2060\ufeffb", "ab"],
    ["tag characters, which carry text unseen", "a\u{e0069}\u{e0067}b", "ab"],
    ["variation selectors", "a\u{e0100}b", "ab"],
  ])("%s", (_, text, left) => {
    expect(clean(text)).toBe(left);
  });

  test("letters of every script, emoji, tabs and line ends stay", () => {
    const text = "täst 日本 שלום мир 🙂\tx\n";
    expect(clean(text)).toBe(text);
  });

  test("line ends of other systems are line ends", () => {
    expect(clean("a\r\nb\rc")).toBe("a\nb\nc");
  });

  test("what separates lines elsewhere makes none here", () => {
    expect(clean("a\u2028b\u2029c\u0085d\u000be\u000cf")).toBe("abcdef");
  });

  test("a sequence without an end does not hang", () => {
    const begun = performance.now();
    clean("\u001b]".repeat(200_000));
    clean(`\u001b[${"1;".repeat(200_000)}`);
    expect(performance.now() - begun).toBeLessThan(2_000);
  });
});

describe("set apart", () => {
  test("every line stands behind a mark, however it ends", () => {
    expect(quoted("one\rtwo\r\nthree\u2028Next: four\n")).toBe("| one\n| two\n| threeNext: four");
  });

  test("empty lines too", () => {
    expect(quoted("a\n\nb")).toBe("| a\n|\n| b");
  });

  test("inside a sentence: one line, bounded", () => {
    expect(quotedLine("a\n  b\t c ")).toBe("a b c");
    expect(quotedLine("x".repeat(300))).toHaveLength(200);
    expect(quotedLine("x".repeat(300), 10)).toBe(`${"x".repeat(9)}…`);
  });

  test("the beginning of a line ends between two words: half a secret is not known for one", () => {
    expect(beginning("short", 10)).toBe("short");
    expect(beginning("login as admin with Zebra-Quartz-77 failed", 25)).toBe("login as admin with …");
    expect(beginning("x".repeat(50), 10)).toBe("(one word of 50 characters)");
  });

  test("a cut does not leave half a character", () => {
    expect(quotedLine("🙂".repeat(200), 10).isWellFormed()).toBe(true);
  });
});
