import { testImplementation } from '../conformance.ts';
import { baseline } from './baseline.ts';

testImplementation(baseline);
