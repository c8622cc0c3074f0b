// A client that works offline: what people do is kept until the server has answered for it.
//
// Rules that a client must keep:
// 1. An edit names the version that its person saw (`base_version`), not the newest that the client knows.
// 2. A batch whose answer was lost is sent again as it was, and new edits wait for the next one: the server knows a
//    change by its words, so that the same batch twice is done once.
// 3. Answers are dealt with one after the other; of two tellings of a record the higher version holds.
// 4. On 410 the client begins anew, without a cursor; what it has not brought yet it brings all the same.
import type { components } from "./api.d.ts";

type Schemas = components["schemas"];
export type Kind = "leads" | "calls" | "reminders";
export type Fields = Record<string, unknown>;
type Row = Fields & { id: string; version: number };
type Change = Schemas["SyncChange"] & {
  op: "create" | "update" | "delete";
  id: string;
  base_version?: number;
  fields?: Fields;
  client_ts: string;
};
/** What the three kinds' answers have in common. */
type Answer = Omit<Schemas["Envelope_SyncAnswer_Lead"]["data"], "server_changes" | "conflicts"> & {
  server_changes: Row[];
  conflicts: (Omit<Schemas["Conflict_Lead"], "server"> & { server: Row | null })[];
};

/** A field that the client and somebody else changed; `field` is null where the whole record is gone. */
export interface Conflict {
  kind: Kind;
  id: string;
  field: string | null;
  mine: unknown;
  theirs: unknown;
}

/** A change that the server refused, in its words. */
export interface Refusal {
  kind: Kind;
  id: string;
  fields: Fields;
  code: string;
}

/** Fields whose keys are merged one by one. */
const FREE = new Set(["custom_fields", "metadata"]);

/** A record as the client has it. */
interface Entry {
  /** As the server told it; null for one that only this client knows. */
  server: Row | null;
  /** What the person changed since, and has not been sent. */
  edits: Fields;
  /** The version that the person saw when they began to. */
  seen: number;
  /** It is to be deleted. */
  gone: boolean;
}

/** Changes on their way, with the entries' edits they were made of. */
interface Batch {
  body: { since?: string; client_id: string; limit: number; changes: Change[] };
  sent: Fields[];
}

/** How the client speaks to the server; throws where it has no network. */
export type Transport = (method: string, path: string, body: unknown) => Promise<{ status: number; body: any }>;

/** One kind of records of one person on one device. */
export class Shelf {
  private readonly entries = new Map<string, Entry>();
  private cursor: string | undefined;
  private flight: Batch | undefined;
  /** Ids that were told since the client began anew; undefined while it does not. */
  private anew: Set<string> | undefined = new Set();
  readonly conflicts: Conflict[] = [];
  readonly refusals: Refusal[] = [];

  readonly kind: Kind;
  private readonly device: string;
  private readonly send: Transport;
  /** The device's clock, which may be wrong. */
  private readonly clock: () => Date;

  constructor(kind: Kind, device: string, send: Transport, clock: () => Date) {
    this.kind = kind;
    this.device = device;
    this.send = send;
    this.clock = clock;
  }

  /** What the person sees: the server's record under their own edits. */
  seen(): Map<string, Fields> {
    const seen = new Map<string, Fields>();
    for (const [id, entry] of this.entries) {
      if (!entry.gone) seen.set(id, merged(entry.server ?? { id }, entry.edits));
    }
    return seen;
  }

  /** Whether the server does not know it yet. */
  isUnborn(id: string): boolean {
    return this.entries.get(id)?.server === null;
  }

  /** Whether everything was brought. */
  isQuiet(): boolean {
    return this.flight === undefined && [...this.entries.values()].every((e) => !e.gone && isEmpty(e.edits));
  }

  /** The body of the last batch that was sent, for being sent again. */
  lastBody: unknown;

  create(id: string, fields: Fields): void {
    this.entries.set(id, { server: null, edits: { ...fields }, seen: 0, gone: false });
  }

  edit(id: string, fields: Fields): void {
    const entry = this.entries.get(id);
    if (entry === undefined || entry.gone) return;
    if (isEmpty(entry.edits) && entry.server !== null) entry.seen = entry.server.version;
    entry.edits = merged(entry.edits, fields);
  }

  remove(id: string): void {
    const entry = this.entries.get(id);
    if (entry === undefined) return;
    if (isEmpty(entry.edits) && entry.server !== null) entry.seen = entry.server.version;
    entry.edits = {};
    entry.gone = true;
  }

  /** Brings what there is to bring and fetches what there is to know, until neither is left. */
  async sync(): Promise<void> {
    for (;;) {
      this.flight ??= this.batch();
      const flight = this.flight;
      this.lastBody = flight.body;
      const { status, body } = await this.send("POST", `/${this.kind}/sync`, flight.body);
      if (status === 410) {
        // What it brought is done; told again without a cursor it changes nothing.
        this.cursor = undefined;
        this.anew = new Set();
        delete flight.body.since;
        continue;
      }
      if (status !== 200) throw new Error(`${this.kind}/sync answered ${status}: ${JSON.stringify(body)}`);
      const answer: Answer = body.data;
      this.flight = undefined;
      this.settle(flight, answer);
      this.learn(answer);
      if (!answer.has_more && this.isQuiet()) return;
    }
  }

  private batch(): Batch {
    const changes: Change[] = [];
    const sent: Fields[] = [];
    for (const [id, entry] of this.entries) {
      if (changes.length === 100) break;
      const client_ts = this.clock().toISOString();
      if (entry.gone) {
        if (entry.server === null) this.entries.delete(id);
        else changes.push({ op: "delete", id, base_version: entry.seen, client_ts });
      } else if (entry.server === null) {
        changes.push({ op: "create", id, fields: entry.edits, client_ts });
      } else if (!isEmpty(entry.edits)) {
        changes.push({ op: "update", id, base_version: entry.seen, fields: entry.edits, client_ts });
      } else continue;
      if (changes.length > sent.length) {
        sent.push(entry.edits);
        entry.edits = {};
      }
    }
    const body: Batch["body"] = { client_id: this.device, limit: 50, changes };
    if (this.cursor !== undefined) body.since = this.cursor;
    return { body, sent };
  }

  private settle(flight: Batch, answer: Answer): void {
    for (const { index, version } of answer.applied) {
      const [change, entry] = this.of(flight, index);
      if (change.op === "delete") this.drop(change.id);
      else if (entry !== undefined) {
        const told = entry.server?.version ?? 0;
        if (version >= told) {
          entry.server = { ...merged(entry.server ?? { id: change.id }, flight.sent[index] ?? {}), id: change.id, version };
        }
        entry.seen = Math.max(entry.seen, version);
      }
    }
    for (const { index, version, fields, server } of answer.conflicts) {
      const [change, entry] = this.of(flight, index);
      const conflict = { kind: this.kind, id: change.id };
      if (server === null || change.op === "delete") {
        this.conflicts.push({ ...conflict, field: null, mine: flight.sent[index], theirs: server });
      }
      for (const { field, client, server: theirs } of fields) {
        this.conflicts.push({ ...conflict, field, mine: client, theirs });
      }
      if (server === null) this.drop(change.id);
      else if (entry !== undefined) {
        entry.server = server;
        entry.seen = version;
        entry.gone = false;
      }
    }
    for (const { index, code } of answer.rejected) {
      const [change, entry] = this.of(flight, index);
      this.refusals.push({ kind: this.kind, id: change.id, fields: flight.sent[index] ?? {}, code });
      if (entry !== undefined && (code === "not_found" || entry.server === null)) this.drop(change.id);
      else if (entry !== undefined) entry.gone = false;
    }
  }

  private of(flight: Batch, index: number): [Change, Entry | undefined] {
    const change = flight.body.changes[index];
    if (change === undefined) throw new Error(`the answer names change ${index}, which was not sent`);
    return [change, this.entries.get(change.id)];
  }

  private learn(answer: Answer): void {
    for (const record of answer.server_changes) {
      const entry = this.entries.get(record.id);
      this.anew?.add(record.id);
      if (entry === undefined) this.entries.set(record.id, { server: record, edits: {}, seen: record.version, gone: false });
      else if (entry.server === null || record.version >= entry.server.version) {
        if (isEmpty(entry.edits) && !entry.gone) entry.seen = record.version;
        entry.server = record;
      }
    }
    for (const id of answer.deleted_ids) this.forget(id);
    this.cursor = answer.next_cursor;
    if (this.anew !== undefined && !answer.has_more) {
      for (const id of this.entries.keys()) if (!this.anew.has(id)) this.forget(id);
      this.anew = undefined;
    }
  }

  /** It is not theirs any more, unless the server does not know it yet. */
  private forget(id: string): void {
    if (!this.isUnborn(id)) this.drop(id);
  }

  /** It goes; what was changed of it and not sent is told, as it can be brought nowhere. */
  private drop(id: string): void {
    const edits = this.entries.get(id)?.edits ?? {};
    if (!isEmpty(edits)) this.conflicts.push({ kind: this.kind, id, field: null, mine: edits, theirs: null });
    this.entries.delete(id);
  }
}

function isEmpty(fields: Fields): boolean {
  return Object.keys(fields).length === 0;
}

/** Fields with others over them. */
export function merged<T extends Fields>(under: T, over: Fields): T {
  const result: Fields = { ...under };
  for (const [field, value] of Object.entries(over)) {
    const below = result[field];
    const both = FREE.has(field) && isObject(below) && isObject(value);
    result[field] = both ? { ...below, ...value } : value;
  }
  return result as T;
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
