const { getDefaultConfig } = require('expo/metro-config');

const config = getDefaultConfig(__dirname);
// Never bundled: the client generator (a package of its own, as it needs another TypeScript) and what exports wrote.
const outside = ['tools', 'dist', '.bundles'].map((folder) => `${__dirname}/${folder}/`.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
config.resolver.blockList = outside.map((folder) => new RegExp(`^${folder}.*`));
config.resolver.assetExts = [...config.resolver.assetExts, 'woff2'];
module.exports = config;
