// The fresh process of one round: `node process.js ROW SUBJECT SIZE` prints the figures as JSON.
import { rows } from '../rows.ts'

const [id, name, size] = process.argv.slice(2)
const subject = rows.find((row) => row.id === id)?.subjects.find((subject) => subject.name === name)
if (subject === undefined || !('run' in subject)) throw new Error(`no such subject: ${id}, ${name}`)
console.log(JSON.stringify(await subject.run(JSON.parse(size!))))
// Some peers leave their workers running.
process.exit(0)
