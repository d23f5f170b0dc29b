import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { plainJson, seal, sealBlock, sealValue, show, showLine, unseal, unsealedValue } from "../../src/text/sealed.ts";
import { marks, unseen } from "../support/hostile.ts";

const any = fc.string({ unit: "binary", maxLength: 60 });

describe("a seal", () => {
  test("is given back exactly, whatever the text, stand-ins included", () => {
    void fc.assert(fc.property(any, (text) => void expect(unseal(seal(text))).toBe(text)));
    void fc.assert(fc.property(any, (text) => void expect(unseal(unseal(seal(seal(text))))).toBe(text)));
    for (const text of [marks, "\n", "\u{10000a}", "\ud800", "\udc00\ud800", "\u{10ffff}\u{100000}", "\u{e0041}"]) {
      expect(unseal(seal(text))).toBe(text);
      expect(unseal(sealBlock(text))).toBe(text);
    }
  });

  test("leaves what can be seen as it is", () => {
    for (const text of ["web-1.2_x/dispatch-1 (a) [b] {c} ~", "Zürich 東京 💥 \ue0b0 \u{f0001} Привет مرحبا"]) {
      expect(seal(text)).toBe(text);
      expect(show(text)).toBe(text);
    }
  });

  test("keeps names apart: what differs differs sealed, and sealed text sorts by its plain parts", () => {
    void fc.assert(fc.property(any, any, (one, other) => void expect(seal(one) === seal(other)).toBe(one === other)));
    expect(["b", seal("a\nz"), "a"].sort()).toEqual(["a", seal("a\nz"), "b"]);
  });

  test("has no line end and no blank in it for anything that reads a text", () => {
    expect(seal(marks)).not.toMatch(/[\n\r\t\u00a0\u2028]/);
    expect(seal("a\n\tb").split(/\s/)).toHaveLength(1);
  });
});

describe("what is shown", () => {
  test("is one line in which nothing hides", () => {
    expect(show(seal(`zz\nNext:\u00a0stop ${marks}`))).toMatchInlineSnapshot(
      `"zz\\nNext: stop \\u{202e}R\\u{2066}i\\u{200b}z\\u{ad}s\\u{fe0f}v\\u{3164}h\\u{2800}b\\u{115f}h\\u{34f}c\\u{e0041}t\\u{1b}[31mr\\u{1b}]8;;http://x\\u{7}l\\u{85}n\\u{2028}s "`,
    );
    void fc.assert(fc.property(any, (text) => void expect(show(seal(text))).not.toMatch(unseen)));
  });

  test("of a text that came past the seal keeps nothing but line ends and tabs", () => {
    expect(show("a\n\tb")).toBe("a\n\tb");
    expect(showLine("a\n\tb")).toBe("a\\n b");
    void fc.assert(fc.property(any, (text) => void expect(show(text).replaceAll(/[\n\t]/g, "")).not.toMatch(unseen)));
    void fc.assert(fc.property(any, (text) => void expect(show(show(text))).toBe(show(text))));
  });
});

describe("values", () => {
  test("strings and keys are sealed at any depth, and come back", () => {
    void fc.assert(
      fc.property(fc.jsonValue({ stringUnit: "binary", maxDepth: 4 }), (value) => {
        const text = JSON.stringify(value);
        const sealed = sealValue(JSON.parse(text), text);
        expect(JSON.stringify(sealed)).not.toMatch(unseen);
        expect(unsealedValue(sealed)).toEqual(JSON.parse(text));
        expect(JSON.parse(plainJson(sealed))).toEqual(JSON.parse(text));
        expect(plainJson(JSON.parse(text))).not.toMatch(unseen);
      }),
    );
  });

  test("a key named __proto__ is a key, and ten thousand levels are no matter", () => {
    const text = '{"__proto__": "a\\nb", "x": {"__proto__": {"y\\n": 1}}}';
    expect(JSON.stringify(sealValue(JSON.parse(text), text))).toBe(
      JSON.stringify(JSON.parse(text.replaceAll("\\n", seal("\n")))),
    );
    let deep: unknown = "\n";
    for (let level = 0; level < 10_000; level++) deep = [deep];
    expect(sealValue(deep)).toBe(deep);
  });
});
