import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HoldfastError, LIMITS } from "../base/index.ts";
import { encodeFrame, errorFromWire, LineReader, parseClientFrame, parseServerFrame } from "./frames.ts";

const protocolError = expect.objectContaining({ code: "PROTOCOL" });

describe("lines", () => {
  it("come out the same however the bytes are cut", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "grapheme" })), fc.array(fc.nat({ max: 20 })), (texts, cuts) => {
        const lines = texts.map((text) => JSON.stringify(text));
        let rest = Buffer.from(lines.map((line) => `${line}\n`).join(""));
        const reader = new LineReader();
        const found: string[] = [];
        for (const cut of cuts) {
          found.push(...reader.push(rest.subarray(0, cut)));
          rest = rest.subarray(cut);
        }
        found.push(...reader.push(rest));
        expect(found).toEqual(lines);
      }),
    );
  });

  it("are refused as soon as they are too long, without waiting for their end", () => {
    const reader = new LineReader();
    const piece = Buffer.alloc(1024 * 1024, "x");
    let pushed = 0;
    expect(() => {
      for (; pushed < 100; pushed += 1) reader.push(piece);
    }).toThrow(protocolError);
    expect(pushed * piece.length).toBe(LIMITS.frameSizeBytesMax);
  });
});

describe("frames", () => {
  it("arrive as they were sent", () => {
    fc.assert(
      fc.property(fc.nat(), fc.string(), fc.jsonValue(), (id, call, input) => {
        const sent = JSON.parse(JSON.stringify(input));
        expect(parseClientFrame(encodeFrame({ id, call, input }))).toEqual({ id, call, input: sent });
        expect(parseServerFrame(encodeFrame({ id, ok: true, result: input }))).toEqual({ id, ok: true, result: sent });
        expect(parseServerFrame(encodeFrame({ id, event: input }))).toEqual({ id, event: sent });
      }),
    );
  });

  it("of any other shape are refused, never believed", () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (line) => {
        for (const parse of [parseClientFrame, parseServerFrame]) {
          try {
            parse(line);
          } catch (error) {
            expect(error).toEqual(protocolError);
          }
        }
      }),
    );
    for (const line of ["{}", "[]", "null", '{"id":1.5,"call":"x"}', '{"id":1}', '{"call":"x"}', "{"]) {
      expect(() => parseClientFrame(line), line).toThrow(protocolError);
      expect(() => parseServerFrame(line), line).toThrow(protocolError);
    }
    expect(() => parseServerFrame('{"id":1,"ok":false,"error":{"code":1}}')).toThrow(protocolError);
  });

  it("that are too large are not sent", () => {
    const input = "ä".repeat(LIMITS.frameSizeBytesMax / 2);
    expect(() => encodeFrame({ id: 1, call: "x", input })).toThrow(protocolError);
    expect(encodeFrame({ id: 1, call: "x", input: "ä".repeat(LIMITS.frameSizeBytesMax / 2 - 100) })).toBeTruthy();
  });
});

describe("errors", () => {
  it("keep code, message, hint and data on the way", () => {
    const error = new HoldfastError("WO_UNKNOWN", "no WO-1", { hint: "look", data: { id: "WO-1" } });
    const frame = parseServerFrame(encodeFrame({ id: 1, ok: false, error: error.toJSON() }));
    const arrived = errorFromWire((frame as { error: Parameters<typeof errorFromWire>[0] }).error);
    expect(arrived.toJSON()).toEqual(error.toJSON());
  });

  it("of a code that a newer daemon knows are PROTOCOL, with their message", () => {
    const arrived = errorFromWire({ code: "toString", message: "from the future", hint: "", data: {} });
    expect(arrived).toMatchObject({ code: "PROTOCOL", message: "from the future", data: { code: "toString" } });
  });
});
