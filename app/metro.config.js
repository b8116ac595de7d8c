const path = require('node:path');

const { getDefaultConfig } = require('expo/metro-config');

const config = getDefaultConfig(__dirname);

// Never bundled: the client generator (a package of its own, as it needs another TypeScript) and what exports wrote.
const outside = ['tools', 'dist', '.bundles'].map((folder) => path.join(__dirname, folder) + path.sep);
config.resolver.blockList = outside.map((folder) => new RegExp(`^${folder.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}.*`));

// The display face of the web.
config.resolver.assetExts = [...config.resolver.assetExts, 'woff2'];

// On the web SVG is the browser's own: see the file for what that saves.
const svgOnWeb = path.join(__dirname, 'src', 'components', 'svg-on-web.tsx');
config.resolver.resolveRequest = (context, name, platform) =>
  platform === 'web' && name === 'react-native-svg'
    ? { type: 'sourceFile', filePath: svgOnWeb }
    : context.resolveRequest(context, name, platform);

// A module is evaluated when it is first used: less to do before the first screen.
config.transformer.getTransformOptions = () =>
  Promise.resolve({ transform: { experimentalImportSupport: true, inlineRequires: true } });

module.exports = config;
