import { testImplementation } from '../bench/conformance.ts';
import myPsi from './my-psi.ts';

testImplementation(myPsi);
