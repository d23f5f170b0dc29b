// Loaded before the program where its memory is measured: tells, when asked, what is left after everything that can go is gone.

process.on("message", () => {
  for (let time = 0; time < 3; time++) globalThis.gc();
  process.send(process.memoryUsage());
});
process.channel.unref();
