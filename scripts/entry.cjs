#!/usr/bin/env node
// What `nomad-mcp` starts: checks the Node version, then loads the program from dist/parts. scripts/build.mjs copies this
// file to dist/nomad-mcp.js and fills in the names in capitals.
//
// It is CommonJS, and plain, so that a Node from years ago can parse it and say what is wrong. The parts are CommonJS too:
// they start faster than ES modules.

const MINIMUM = __MINIMUM_NODE__;
const have = process.versions.node.split(".").map(Number);

if (have[0] < MINIMUM[0] || (have[0] === MINIMUM[0] && have[1] < MINIMUM[1])) {
  process.stderr.write(
    `nomad-mcp needs Node >= ${MINIMUM.join(".")}, but this is ${process.version} (${process.execPath}).\n`,
  );
  process.exit(1);
}

// Half of the start is compiling, so V8's compiled code is kept beside the program: of the parts that are loaded later by Node
// itself, where it knows how (22.8 and later), and of the first one here, with the functions that a start has used.
const Module = require("node:module");
const { join } = require("node:path");
const cache = join(__dirname, ".cache");
if (Module.enableCompileCache) Module.enableCompileCache(cache);

const { mkdirSync, readFileSync, renameSync, writeFileSync } = require("node:fs");
const { Script } = require("node:vm");
const part = join(__dirname, "parts", __MAIN__);
const compiled = join(cache, `${__MAIN__}-${process.version}-${process.arch}.code`);
let cachedData;
try {
  cachedData = readFileSync(compiled);
} catch {
  // The first start of this build by this Node.
}
const script = new Script(Module.wrap(readFileSync(part, "utf8")), { filename: part, cachedData });
if (cachedData === undefined || script.cachedDataRejected) {
  let kept = false;
  const keep = () => {
    if (kept) return;
    kept = true;
    const temporary = `${compiled}.${process.pid}.tmp`;
    try {
      mkdirSync(cache, { recursive: true });
      writeFileSync(temporary, script.createCachedData());
      renameSync(temporary, compiled);
    } catch {
      // Where nothing can be written, each start compiles.
    }
  };
  // A host may end this process in a way that leaves it no time.
  setTimeout(keep, 1_000).unref();
  process.once("exit", keep);
}
const whole = { exports: {} };
script.runInThisContext()(whole.exports, Module.createRequire(part), whole, part, join(__dirname, "parts"));
