#!/usr/bin/env node
// Owns the command `oee`: the program under the name that a shell calls it by. Alone it shows its help; index.ts alone
// starts the engine, as containers and service units expect.

import { runProgram } from './index.ts'

const [, , ...args] = process.argv
runProgram(args.length === 0 ? ['--help'] : args)
