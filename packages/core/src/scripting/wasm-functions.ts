/// <reference path="./web-assembly.d.ts" />
/**
 * Makes JavaScript functions callable through a WebAssembly table, which takes only functions of WebAssembly: a tiny
 * module imports them and exports them again.
 */

const I32 = 0x7f;

export type WasmCallback = (...args: number[]) => number | undefined;

function leb(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)];
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...leb(content.length), ...content];
}

function name(text: string): number[] {
  return [...leb(text.length), ...Buffer.from(text, "latin1")];
}

/** `parameters` 32-bit integers, and one as result if `hasResult`. Returns one function of WebAssembly for each. */
export function toWasm(functions: readonly WasmCallback[], parameters: number, hasResult: boolean): CallableFunction[] {
  const type = [0x60, parameters, ...new Array<number>(parameters).fill(I32), ...(hasResult ? [1, I32] : [0])];
  const imports = functions.flatMap((_, i) => [...name("f"), ...name(`${i}`), 0, 0]);
  const exports = functions.flatMap((_, i) => [...name(`${i}`), 0, ...leb(i)]);
  const bytes = Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, ...type]),
    ...section(2, [...leb(functions.length), ...imports]),
    ...section(7, [...leb(functions.length), ...exports]),
  ]);
  const f = Object.fromEntries(functions.map((callback, i) => [`${i}`, callback]));
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { f });
  return functions.map((_, i) => instance.exports[`${i}`] as CallableFunction);
}
