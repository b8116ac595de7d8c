/**
 * Screens are built from our components, whose roles, targets and colours are right once and for all. So react-native
 * and the DOM stay out of the features.
 */
export const noPrimitives = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      primitive: 'Features draw with @/components/ui, not with {{name}}.',
    },
  },
  create(context) {
    return {
      ImportDeclaration(node) {
        if (['react-native', 'react-native-svg', 'react-dom'].includes(node.source.value)) {
          context.report({ node, messageId: 'primitive', data: { name: node.source.value } });
        }
      },
      JSXOpeningElement(node) {
        if (node.name.type === 'JSXIdentifier' && /^[a-z]/.test(node.name.name)) {
          context.report({ node, messageId: 'primitive', data: { name: `<${node.name.name}>` } });
        }
      },
    };
  },
};
