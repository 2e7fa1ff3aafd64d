/** Runs scenarios on servers, step by step and in step with each other, so that clocks and side effects agree. */
import { connect, type Socket } from "node:net";
import { RespClient } from "../support/resp-client.ts";
import { sleep } from "../support/wait-until.ts";
import { canonical } from "./masks.ts";
import type { Scenario, Step } from "./scenario.ts";

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** Raw exchanges end when the server has closed, or was silent for this long: before its first byte, and after. */
const FIRST_SILENCE_MS = 1500;
const SILENCE_MS = 100;

/** One side of a comparison: a server and the connections that a scenario has open to it. */
class Side {
  readonly endpoint: Endpoint;
  readonly #protocol: number;
  readonly #clients = new Map<string, RespClient>();

  constructor(endpoint: Endpoint, protocol: number) {
    this.endpoint = endpoint;
    this.#protocol = protocol;
  }

  async client(name: string): Promise<RespClient> {
    const known = this.#clients.get(name);
    if (known !== undefined) return known;
    const client = await RespClient.connect({ ...this.endpoint, timeoutMs: 15_000 });
    // Refused when a scenario has set a password: then the refusals themselves are what is compared.
    if (this.#protocol === 3) await client.call("HELLO", "3");
    this.#clients.set(name, client);
    return client;
  }

  /** The reply's canonical text; a lost connection is a result like any other, and stays lost until @close. */
  async step(step: Step): Promise<string> {
    if (step.kind === "close") {
      this.#clients.get(step.client)?.destroy();
      this.#clients.delete(step.client);
      return "";
    }
    if (step.kind === "raw") return canonical(await exchangeRaw(this.endpoint, step.words[0] ?? ""), step.mask);
    const client = await this.client(step.client);
    try {
      const reply = await client.callRaw(...step.words.map((word) => Buffer.from(word, "latin1")));
      return canonical(reply, step.mask);
    } catch {
      return "connection lost";
    }
  }

  close(): void {
    for (const client of this.#clients.values()) client.destroy();
  }
}

/** Sends bytes on a connection of their own; everything that comes back, and "<closed>" if the server ended it. */
function exchangeRaw(endpoint: Endpoint, text: string): Promise<Buffer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket: Socket = connect(endpoint.port, endpoint.host);
    let timer = setTimeout(() => finish(""), 5000);
    const finish = (ending: string): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(Buffer.concat([...chunks, Buffer.from(ending)]));
    };
    socket.on("connect", () => {
      socket.write(Buffer.from(text, "latin1"));
      clearTimeout(timer);
      timer = setTimeout(() => finish(""), FIRST_SILENCE_MS);
    });
    socket.on("data", (chunk) => {
      chunks.push(chunk);
      clearTimeout(timer);
      timer = setTimeout(() => finish(""), SILENCE_MS);
    });
    socket.on("error", () => undefined);
    socket.on("close", () => finish("<closed>"));
  });
}

/** A clean start, also after a scenario that broke off with a password set. */
export async function resetServer(endpoint: Endpoint): Promise<void> {
  const client = await RespClient.connect(endpoint);
  if (String(await client.call("PING")).includes("NOAUTH")) await client.call("AUTH", "secret");
  await client.call("CONFIG", "SET", "requirepass", "");
  await client.ok("FLUSHALL");
  await client.close();
}

/** Names among `wanted` that the server does not know. */
export async function missingCommands(endpoint: Endpoint, wanted: readonly string[]): Promise<string[]> {
  if (wanted.length === 0) return [];
  const client = await RespClient.connect(endpoint);
  const info = await client.call("COMMAND", "INFO", ...wanted);
  client.destroy();
  return wanted.filter((_, index) => !Array.isArray(info) || info[index] === null);
}

/** Runs one scenario on every endpoint at once; per step the canonical replies, in the order of the endpoints. */
export async function runScenario(
  scenario: Scenario,
  protocol: number,
  endpoints: readonly Endpoint[],
  onStep: (step: Step, replies: string[]) => void,
): Promise<void> {
  const sides = endpoints.map((endpoint) => new Side(endpoint, protocol));
  try {
    for (const endpoint of endpoints) await resetServer(endpoint);
    for (const step of scenario.steps) {
      if (step.kind === "sleep") await sleep(Number(step.words[0]));
      else onStep(step, await Promise.all(sides.map((side) => side.step(step))));
    }
  } finally {
    for (const side of sides) side.close();
  }
}
