// Random histories: phones of two people that are offline for spells, whose answers are lost, whose batches come twice
// and late, and whose clocks are hours off, while somebody else works on the same records. In the end every phone of a
// person shows what the server has, and each edit stands in the record's history or was told as a conflict or refusal.
//
// usage: node src/converge.ts API [SEED]
import { deepStrictEqual, ok } from "node:assert/strict";
import { type Fields, type Kind, Shelf, type Transport } from "./client.ts";

const [API, ONE] = process.argv.slice(2);
if (API === undefined) throw new Error("usage: node src/converge.ts API [SEED]");
const SEEDS = ONE === undefined ? [1, 2, 3, 4, 5, 6] : [Number(ONE)];
const STEPS = 400;
const KINDS: Kind[] = ["leads", "calls", "reminders"];
const PASSWORD = "only for this test, 7 words long";
/** Plain fields of each kind, and the free ones. */
const TEXTS = { leads: ["city", "medium", "source"], calls: ["notes"], reminders: ["title", "description"] };
const FREE = { leads: "custom_fields", calls: "metadata", reminders: undefined };
const PREFIX = { leads: "lead", calls: "call", reminders: "rem" };

/** Mulberry32: the same numbers for the same seed. */
function dice(seed: number) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    below: (n: number) => Math.floor(next() * n),
    chance: (p: number) => next() < p,
    pick: <T>(from: readonly T[]): T => {
      const picked = from[Math.floor(next() * from.length)];
      if (picked === undefined) throw new Error("nothing to pick from");
      return picked;
    },
  };
}
type Dice = ReturnType<typeof dice>;

/** The 26 letters of a typed id: a UUID of version 7 in Crockford's alphabet, in small letters. */
function anId(kind: Kind, roll: Dice): string {
  const time = BigInt(Date.now());
  let bits = (time << 80n) | (7n << 76n) | (BigInt(roll.below(4096)) << 64n) | (2n << 62n);
  bits |= (BigInt(roll.below(2 ** 31)) << 31n) | BigInt(roll.below(2 ** 31));
  let text = "";
  for (let place = 125n; place >= 0n; place -= 5n) text += "0123456789abcdefghjkmnpqrstvwxyz"[Number((bits >> place) & 31n)];
  return `${PREFIX[kind]}_${text}`;
}

async function call(method: string, path: string, body?: unknown, token?: string) {
  const headers: Record<string, string> = { "content-type": "application/json" };
  if (token !== undefined) headers["authorization"] = `Bearer ${token}`;
  const init: RequestInit = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) };
  const answer = await fetch(API + path, init);
  return { status: answer.status, body: (await answer.json()) as any };
}

async function good(method: string, path: string, body?: unknown, token?: string): Promise<any> {
  const { status, body: answer } = await call(method, path, body, token);
  ok(status < 300, `${method} ${path} answered ${status}: ${JSON.stringify(answer)}`);
  return answer.data;
}

/** What somebody did on a phone; each has a value of its own. */
interface Edit {
  phone: Phone;
  kind: Kind;
  id: string;
  field: string;
  value: string;
  /** The server did not know the record yet. */
  unborn: boolean;
}

class NoNetwork extends Error {}

class Phone {
  readonly shelves: Record<Kind, Shelf>;
  readonly agent: string;
  readonly token: string;
  online = true;
  loss = 0;
  old: { kind: Kind; body: unknown }[] = [];

  constructor(name: string, agent: string, token: string, roll: Dice) {
    this.agent = agent;
    this.token = token;
    const skew = (roll.below(13) - 6) * 3_600_000;
    const send: Transport = async (method, path, body) => {
      if (!this.online) throw new NoNetwork();
      // Lost on its way there, or on its way back.
      if (roll.chance(this.loss)) throw new NoNetwork();
      const answer = await call(method, path, body, token);
      if (roll.chance(this.loss)) throw new NoNetwork();
      return answer;
    };
    const shelf = (kind: Kind) => new Shelf(kind, name, send, () => new Date(Date.now() + skew));
    this.shelves = { leads: shelf("leads"), calls: shelf("calls"), reminders: shelf("reminders") };
  }

  /** Syncs as far as the network goes. */
  async sync(kind: Kind): Promise<boolean> {
    const shelf = this.shelves[kind];
    try {
      await shelf.sync();
      return true;
    } catch (error) {
      if (!(error instanceof NoNetwork)) throw error;
      return false;
    } finally {
      if (shelf.lastBody !== undefined) this.old.push({ kind, body: structuredClone(shelf.lastBody) });
    }
  }
}

async function history(seed: number): Promise<string> {
  const roll = dice(seed);
  const name = `converge${seed}x${Date.now()}`;
  const founder = { email: `owner@${name}.example`, password: PASSWORD, first_name: "Owner", organization_name: name };
  const { access_token: owner } = await good("POST", "/auth/register", founder);
  const branch = (await good("GET", "/branches", undefined, owner)).branches[0].id;
  const people: { id: string; token: string }[] = [];
  for (const first_name of ["Asha", "Ravi"]) {
    const email = `${first_name.toLowerCase()}@${name}.example`;
    const body = { email, password: PASSWORD, first_name, role: "agent", branch_ids: [branch], must_change_password: false };
    const { id } = await good("POST", "/users", body, owner);
    people.push({ id, token: (await good("POST", "/auth/login", { email, password: PASSWORD })).access_token });
  }
  const phones = people.flatMap(({ id, token }, person) =>
    [0, 1].map((device) => new Phone(`phone ${person}${device}`, id, token, roll)),
  );
  const edits: Edit[] = [];
  let values = 0;
  const aValue = () => `v${seed}x${values++}`;
  const fieldsOf = (kind: Kind, value: string): Fields => {
    const free = FREE[kind];
    if (free !== undefined && roll.chance(0.4)) return { [free]: { [roll.pick(["a", "b", "c"])]: value } };
    return { [roll.pick(TEXTS[kind])]: value };
  };
  const due = new Date(Date.now() + 7 * 86_400_000).toISOString();
  const begun = { leads: { full_name: "Asha Example" }, calls: { phone: "9876543210" }, reminders: { title: "Call", due_at: due } };

  for (let step = 0; step < STEPS; step++) {
    const phone = roll.pick(phones);
    const kind = roll.pick(KINDS);
    const shelf = phone.shelves[kind];
    const known = [...shelf.seen().keys()];
    switch (known.length < 2 ? 0 : roll.below(12)) {
      case 0:
        if (known.length < 4) shelf.create(anId(kind, roll), { ...begun[kind] });
        break;
      case 1:
      case 2:
      case 3:
      case 4:
      case 5:
        if (known.length > 0) {
          const [id, value] = [roll.pick(known), aValue()];
          const fields = fieldsOf(kind, value);
          edits.push({ phone, kind, id, value, field: JSON.stringify(fields).replace(value, ""), unborn: shelf.isUnborn(id) });
          shelf.edit(id, fields);
        }
        break;
      case 6:
        phone.online = roll.chance(0.5);
        phone.loss = roll.chance(0.5) ? 0.3 : 0;
        break;
      case 7:
        // An old batch comes again, late.
        if (phone.old.length > 0) {
          const { kind, body } = roll.pick(phone.old);
          const { status } = await call("POST", `/${kind}/sync`, body, phone.token);
          ok(status === 200 || status === 410, `an old batch was answered ${status}`);
        }
        break;
      case 8:
      case 9:
        // Somebody else works on it, gives it to the other person, or deletes it.
        if (known.length > 0) {
          const path = `/${kind}/${roll.pick(known)}`;
          if (roll.chance(0.05)) await call("DELETE", path, undefined, owner);
          else if (roll.chance(0.08)) {
            const other = roll.pick(people).id;
            if (kind === "leads") await call("POST", `${path}/assign`, { agent_id: other }, owner);
            else await call("PUT", path, { agentId: other }, owner);
          } else await call("PUT", path, fieldsOf(kind, aValue()), owner);
        }
        break;
      default:
        await phone.sync(kind);
    }
  }

  for (const phone of phones) [phone.online, phone.loss] = [true, 0];
  // Followers write feeds a moment later; the last minute is told again each time, so the second telling has it all.
  let rounds = 0;
  for (let calm = 0; calm < 2; ) {
    ok(++rounds < 60, "the phones come to no rest");
    const before = JSON.stringify(phones.map(shown));
    for (const phone of phones) for (const kind of KINDS) await phone.sync(kind);
    await new Promise((resolve) => setTimeout(resolve, 300));
    calm = before === JSON.stringify(phones.map(shown)) ? calm + 1 : 0;
  }

  for (const phone of phones) {
    for (const kind of KINDS) {
      const shelf = phone.shelves[kind];
      ok(shelf.isQuiet(), "something was not brought");
      const path = `/${kind}/agent/${phone.agent}?limit=200`;
      const theirs: any[] = (await good("GET", path, undefined, phone.token))[kind];
      const wanted = new Map(theirs.map((record) => [record.id, record]));
      deepStrictEqual(sorted(shelf.seen()), sorted(wanted), `${kind} of a phone are not what the server has`);
    }
  }
  let told = 0;
  for (const edit of edits) {
    const { phone, kind, id, value } = edit;
    const shelf = phone.shelves[kind];
    const of = (entry: { id: string }) => entry.id === id && JSON.stringify(entry).includes(`"${value}"`);
    if (shelf.conflicts.some(of) || shelf.refusals.some(of)) {
      told++;
      continue;
    }
    ok(overwritten(edits, edit) || (await stands(edit, owner)), `${value} of ${id} was lost`);
  }
  return `seed ${seed}: ${edits.length} edits, ${told} of them told as conflicts or refusals, ${rounds} rounds to rest`;
}

/** Whether an edit ever reached the record: it stands in it, or in its history. */
async function stands({ kind, id, value, unborn }: Edit, owner: string): Promise<boolean> {
  const { status, body } = await call("GET", `/${kind}/${id}`, undefined, owner);
  if (JSON.stringify(body).includes(`"${value}"`)) return true;
  // What a record was created with stands in no history; one that was deleted since cannot be asked.
  if (unborn && status === 404) return true;
  let cursor = "";
  for (;;) {
    const path = `/audit-logs?subject=${id}&limit=200${cursor}`;
    const page = await good("GET", path, undefined, owner);
    if (JSON.stringify(page.audit_logs).includes(`"${value}"`)) return true;
    if (page.next_cursor === null) return false;
    cursor = `&cursor=${encodeURIComponent(page.next_cursor)}`;
  }
}

/** Whether the same phone wrote the same field again: before it was brought only the last is an edit, and after it the
 * history has both. */
function overwritten(edits: Edit[], { phone, id, field, value }: Edit): boolean {
  const at = edits.findIndex((edit) => edit.value === value);
  return edits.slice(at + 1).some((edit) => edit.phone === phone && edit.id === id && edit.field === field);
}

function shown(phone: Phone): unknown {
  return KINDS.map((kind) => sorted(phone.shelves[kind].seen()));
}

function sorted(records: Map<string, Fields>): Fields[] {
  return [...records.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, record]) => record);
}

for (const seed of SEEDS) {
  try {
    console.log(await history(seed));
  } catch (error) {
    console.error(`seed ${seed} failed`);
    throw error;
  }
}
