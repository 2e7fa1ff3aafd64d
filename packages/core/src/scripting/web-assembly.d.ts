/** The part of the WebAssembly API that is used; neither the ES library nor Node's types declare it. */
declare global {
  // biome-ignore lint/style/noNamespace: it is one in every library that declares it.
  namespace WebAssembly {
    interface Module {
      readonly [Symbol.toStringTag]: string;
    }
    interface Instance {
      readonly exports: Record<string, unknown>;
    }
    interface Memory {
      readonly buffer: ArrayBuffer;
      grow(pages: number): number;
    }
    interface Table {
      readonly length: number;
      get(index: number): CallableFunction;
      set(index: number, value: CallableFunction): void;
      grow(by: number): number;
    }
    const Module: new (bytes: Uint8Array<ArrayBuffer>) => Module;
    const Instance: new (module: Module, imports: Record<string, Record<string, CallableFunction>>) => Instance;
  }
}

export {};
