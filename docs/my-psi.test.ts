import { testImplementation } from '../bench/conformance/index.ts';
import myPsi from './my-psi.ts';

testImplementation(myPsi);
