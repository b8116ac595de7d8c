/**
 * Finishes the web export: hints for what the first screen needs, files compressed once and for all, and the budget.
 * Every name under _expo/ and assets/ carries a hash of its content, so a server may let them be kept for ever.
 */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const DIST = new URL('../dist/', import.meta.url).pathname;
const COMPRESSED = /\.(js|css|html|svg|json|txt|webmanifest|map)$/;
const BUDGET_KB = 160;

async function filesIn(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** The scripts and the font are fetched while the page is still being read. */
async function addHints(files) {
  const page = join(DIST, 'index.html');
  const html = await readFile(page, 'utf8');
  const scripts = [...html.matchAll(/<script src="([^"]+)" defer><\/script>/g)].map((match) => match[1]);
  const font = files.map((file) => `/${relative(DIST, file)}`).find((file) => /bricolage.*\.woff2$/i.test(file));
  if (scripts.length === 0 || !font) throw new Error(`index.html has no script or the export no font (${font})`);
  const hints = [
    ...scripts.map((address) => `<link rel="preload" href="${address}" as="script" />`),
    `<link rel="preload" href="${font}" as="font" type="font/woff2" crossorigin />`,
  ];
  await writeFile(page, html.replace('</head>', `  ${hints.join('\n    ')}\n  </head>`));
  return { scripts, font };
}

function compress(bytes) {
  const options = {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  };
  return { br: brotliCompressSync(bytes, options), gz: gzipSync(bytes, { level: 9 }) };
}

async function precompress(files) {
  const sizes = new Map();
  for (const file of files) {
    const bytes = await readFile(file);
    sizes.set(`/${relative(DIST, file)}`, bytes.length);
    if (!COMPRESSED.test(file)) continue;
    const { br, gz } = compress(bytes);
    await writeFile(`${file}.br`, br);
    await writeFile(`${file}.gz`, gz);
    sizes.set(`/${relative(DIST, file)}`, br.length);
  }
  return sizes;
}

/** What a first visit takes over the wire: the first screens are in the scripts of the page. */
function report(sizes, { scripts, font }) {
  const loaded = ['/index.html', '/base.css', ...scripts, font];
  const total = loaded.reduce((sum, file) => sum + (sizes.get(file) ?? 0), 0);
  for (const file of loaded) console.log(`${((sizes.get(file) ?? 0) / 1000).toFixed(1).padStart(8)} kB  ${file}`);
  console.log(`${(total / 1000).toFixed(1).padStart(8)} kB  first load, compressed (budget ${BUDGET_KB} kB)`);
  if (total > BUDGET_KB * 1000) throw new Error('The first load is over its budget.');
}

const files = (await filesIn(DIST)).filter((file) => !/\.(br|gz)$/.test(file));
const hinted = await addHints(files);
report(await precompress(files), hinted);
