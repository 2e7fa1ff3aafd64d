import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  dataFileOf,
  discardStore,
  guardStoreDirectory,
  markClean,
  markDirty,
  openStore,
  readCleanMark,
  sharedRegionPath,
  storeFileBytes,
} from "@keydb-ts/shared-mem";
import t, { type Test } from "tap";

function temporaryDirectory(t: Test): string {
  const directory = mkdtempSync(join(tmpdir(), "keydb-ts-directory-"));
  t.teardown(() => rmSync(directory, { recursive: true }));
  return directory;
}

t.test("directories are made on demand, and data outlives the process' handle", async (t) => {
  const directory = join(temporaryDirectory(t), "a", "b");
  const store = openStore({ directory, lock: null });
  store.begin(1000);
  store.put(store.keyBuffer.write("key"), store.putBuffer.write("value"));
  store.commit(true);
  t.equal(store.readerCheck(), 0);
  t.match(store.stats(), { entries: 1, pageSizeBytes: 4096, treeDepth: 1 });
  store.close();
  store.close();
  t.throws(() => store.begin(0), /closed/);
  t.throws(() => store.openCursor(), /closed/);
  t.throws(() => store.get(3), /closed/);
  t.ok(storeFileBytes(directory) > 0);
  const again = openStore({ directory, lock: null });
  t.equal(again.get(again.keyBuffer.write("key")), 5);
  again.close();
  discardStore(directory);
  t.equal(existsSync(dataFileOf(directory)), false);
  t.equal(storeFileBytes(directory), 0);
});

t.test("a directory that cannot be used is refused in one line", async (t) => {
  const directory = temporaryDirectory(t);
  writeFileSync(join(directory, "file"), "x");
  const bad = join(directory, "file", "store");
  for (const open of [() => openStore({ directory: bad, lock: null }), () => guardStoreDirectory(bad)]) {
    t.throws(open, { name: "StoreDirectoryError", message: /^Can't use the store directory .*store: ENOTDIR[^\n]*$/ });
  }
  if (process.getuid?.() !== 0) {
    const locked = join(directory, "locked");
    mkdirSync(locked);
    chmodSync(locked, 0o500);
    t.throws(() => openStore({ directory: locked, lock: null }), /EACCES/);
  }
  const foreign = join(directory, "foreign");
  mkdirSync(foreign);
  writeFileSync(dataFileOf(foreign), Buffer.alloc(8192, "no database"));
  t.throws(() => openStore({ directory: foreign, lock: null }), { message: /^Can't open .* is not a data file/ });
  writeFileSync(dataFileOf(foreign), "short");
  t.throws(() => openStore({ directory: foreign, lock: null }), { message: /is not a data file/ });
  writeFileSync(dataFileOf(foreign), "");
  openStore({ directory: foreign, lock: null }).close();
  const image = readFileSync(dataFileOf(foreign));
  image.writeUInt16LE(7, 28);
  writeFileSync(dataFileOf(foreign), image);
  t.throws(() => openStore({ directory: foreign, lock: null }), { message: /has data format 7, this server reads 2$/ });
});

t.test("one server per directory", async (t) => {
  const directory = temporaryDirectory(t);
  const code = `
    const { guardStoreDirectory } = await import("@keydb-ts/shared-mem");
    try { guardStoreDirectory(process.argv[1]); process.stdout.write("guarded\\n"); setInterval(() => {}, 1000); }
    catch (error) { process.stdout.write(error.message + "\\n"); }`;
  const argv = ["--input-type=module", "-e", code, directory];
  const holder = spawn(process.execPath, argv, { cwd: import.meta.dirname, stdio: ["ignore", "pipe", "inherit"] });
  t.equal(String((await once(holder.stdout, "data"))[0]), "guarded\n");
  const refusal = `Can't use the store directory ${directory}: another server (pid ${holder.pid}) is using it`;
  t.throws(() => guardStoreDirectory(directory), { message: refusal });
  const second = spawnSync(process.execPath, argv, { cwd: import.meta.dirname, encoding: "utf8" });
  t.equal(second.stdout, `${refusal}\n`);
  const exited = once(holder, "exit");
  holder.kill("SIGKILL");
  await exited;
  const guard = guardStoreDirectory(directory);
  t.equal(readFileSync(join(directory, "server.lock"), "latin1"), `${process.pid}\n`);
  t.throws(() => guardStoreDirectory(directory), { name: "StoreDirectoryError" });
  guard.release();
  guard.release();
  guardStoreDirectory(directory).release();
});

t.test("the clean mark", async (t) => {
  const directory = temporaryDirectory(t);
  t.equal(readCleanMark(directory), "new");
  markDirty(directory);
  t.equal(readCleanMark(directory), "same-boot");
  markClean(directory);
  t.equal(readCleanMark(directory), "clean");
  for (const text of ["dirty 00000000-0000-0000-0000-000000000000\n", "", "???"]) {
    writeFileSync(join(directory, "clean-mark"), text);
    t.equal(readCleanMark(directory), "torn", JSON.stringify(text));
  }
  writeFileSync(join(directory, "clean-mark"), "clean some-other-boot\n");
  t.equal(readCleanMark(directory), "clean");
});

t.test("the path of the region follows from the directory", async (t) => {
  const directory = temporaryDirectory(t);
  t.equal(sharedRegionPath(directory), sharedRegionPath(join(directory, ".")));
  t.not(sharedRegionPath(directory), sharedRegionPath(tmpdir()));
});

t.test("a disk that takes no more fails the commit and keeps the data", async (t) => {
  const directory = temporaryDirectory(t);
  // The file size limit stands for a full disk: pwrite fails in the middle of the commit.
  const code = `
    const { openStore } = await import("@keydb-ts/shared-mem");
    process.on("SIGXFSZ", () => {});
    const store = openStore({ directory: process.argv[1], lock: null });
    const set = (key, length) => store.put(store.keyBuffer.write(key), length);
    store.begin(0); set("small", 10); store.commit(false);
    const seen = [];
    store.begin(0);
    for (let i = 0; i < 3; i++) set("big" + i, 400_000);
    try { store.commit(false); seen.push("committed"); } catch (error) { seen.push("refused"); }
    seen.push(store.inWriteTxn, store.get(store.keyBuffer.write("small")), store.get(store.keyBuffer.write("big0")));
    store.begin(0); set("small", 20); store.commit(false);
    seen.push(store.get(store.keyBuffer.write("small")));
    process.stdout.write(JSON.stringify(seen));`;
  const script = `ulimit -f 600; exec "$0" --input-type=module -e "$1" "$2"`;
  const run = spawnSync("sh", ["-c", script, process.execPath, code, directory], {
    cwd: import.meta.dirname,
    encoding: "utf8",
  });
  t.equal(run.stderr, "");
  t.same(JSON.parse(run.stdout), ["refused", false, 10, -1, 20]);
});
