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

// V8's compiled code is kept beside the program, where Node knows how (22.8 and later): half of the start is compiling.
const { enableCompileCache } = require("node:module");
if (enableCompileCache) enableCompileCache(require("node:path").join(__dirname, ".cache"));

require(`./parts/${__MAIN__}`);
