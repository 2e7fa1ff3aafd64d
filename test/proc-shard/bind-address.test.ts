import t from "tap";
import { parseBindAddresses, resolveEndpoint } from "../../packages/proc-shard/src/supervisor/bind-address.ts";

t.test("words of the bind directive", async (t) => {
  const parsed = parseBindAddresses(["127.0.0.1", "-::1", "*", "-::*", "localhost", ""]);
  t.same(parsed, [
    { text: "127.0.0.1", isOptional: false, family: 4, host: "127.0.0.1" },
    { text: "::1", isOptional: true, family: 6, host: "::1" },
    { text: "*", isOptional: false, family: 4, host: null },
    { text: "::*", isOptional: true, family: 6, host: null },
    { text: "localhost", isOptional: false, family: 4, host: "localhost" },
  ]);
  t.same(parseBindAddresses([""]), [], "one empty word: no TCP");
});

t.test("endpoints", async (t) => {
  const endpoints = await Promise.all(
    parseBindAddresses(["*", "::*", "::1", "localhost"]).map((b) => resolveEndpoint(b, 7)),
  );
  t.same(endpoints, [
    { family: 4, address: "0.0.0.0", port: 7 },
    { family: 6, address: "::", port: 7 },
    { family: 6, address: "::1", port: 7 },
    { family: 4, address: "127.0.0.1", port: 7 },
  ]);
  const unknown = parseBindAddresses(["no-such-host.invalid"])[0];
  if (unknown === undefined) throw new Error("not parsed");
  await t.rejects(resolveEndpoint(unknown, 7), { message: "Name or service not known" });
});
