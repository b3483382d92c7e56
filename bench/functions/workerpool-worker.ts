import workerpool from 'workerpool'
import { echo, spin } from './functions.ts'

workerpool.worker({ echo, spin })
