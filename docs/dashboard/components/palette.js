// The colours of charts, from the design tokens that the build copies into the folder static.
import tokens from '../../static/tokens.css?raw';

export const palette = [...tokens.matchAll(/--kind-[a-z]+: (#[0-9a-f]{6});/g)].map((match) => match[1]);
