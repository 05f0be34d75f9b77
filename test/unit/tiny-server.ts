/** An engine's process with the tiny engine. */
import { connectToParent, serve } from '../../src/engine/serve';
import { TinyEngine } from './tiny-engine';

serve(connectToParent(), new TinyEngine());
