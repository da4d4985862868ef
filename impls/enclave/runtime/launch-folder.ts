/** Where launchers put their images: one folder each, gone with the enclave, or found and cleared later. */
import { processFolder } from '../../primitives/process-folder/process-folder.ts';

export function launchFolder(parent?: string): string {
  return processFolder('psi-enclave', parent);
}
