//! `GET /audit-logs/verify`.

use axum::extract::State;
use domain::{EventId, FieldInvalid, Invalid, Permission};
use jiff::Timestamp;
use serde::Serialize;
use store::{Break, Broken, ChainHead, Verified};
use utoipa::ToSchema;
use web::{App, Data, Envelope, Params, Problem, SignedIn};

use super::allowed;

/// What was found of the audit log's chain.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditVerification {
    /// Whether nothing of what was verified is wrong.
    ok: bool,
    /// Blocks found good.
    verified_blocks: u64,
    /// Entries in them.
    verified_entries: u64,
    /// Those of them whose records were purged, as the chain itself says.
    purged_entries: u64,
    /// The first thing that is wrong; `null` where nothing is.
    #[schema(required)]
    broken: Option<AuditBreak>,
    /// The end of the chain; `null` where nothing has happened yet. Kept elsewhere, it proves later that nothing was cut
    /// off.
    #[schema(required)]
    head: Option<AuditHead>,
    /// Where to go on; `null` where there is nothing more.
    #[schema(required)]
    next_from: Option<u64>,
}

/// Something wrong with the chain.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditBreak {
    /// In which block.
    block: u64,
    /// `missing_block`; `wrong_order` (it does not follow the block before), `wrong_hash` (it does not say what it
    /// said), `wrong_seal` (the platform did not write it), `missing_event`, `wrong_event` (it does not say what it
    /// said), `wrong_head` (the end is not the newest block).
    what: &'static str,
    /// The event that it is about.
    #[schema(required)]
    event_id: Option<EventId>,
    /// The record of that event.
    #[schema(required)]
    record_id: Option<String>,
}

/// The end of the chain.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditHead {
    /// The newest block.
    block: u64,
    /// Its hash.
    hash: String,
    /// Entries of all blocks.
    entries: u64,
    /// When it was written.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
}

const fn word(what: Break) -> &'static str {
    match what {
        Break::MissingBlock => "missing_block",
        Break::WrongOrder => "wrong_order",
        Break::WrongHash => "wrong_hash",
        Break::WrongSeal => "wrong_seal",
        Break::MissingEvent => "missing_event",
        Break::WrongEvent => "wrong_event",
        Break::WrongHead => "wrong_head",
    }
}

impl From<Verified> for AuditVerification {
    fn from(Verified { blocks, entries, purged, head, broken, next }: Verified) -> Self {
        Self {
            ok: broken.is_none(),
            verified_blocks: blocks,
            verified_entries: entries,
            purged_entries: purged,
            broken: broken.map(|Broken { block, what, entry }| {
                let (event_id, record_id) = entry.map(|entry| (entry.event, entry.subject)).unzip();
                AuditBreak { block, what: word(what), event_id, record_id }
            }),
            head: head.map(|ChainHead { number, hash, entries, at }| AuditHead { block: number, hash, entries, at }),
            next_from: next,
        }
    }
}

/// Proves that nobody changed the audit log behind the platform's back, block by block: each block follows the one
/// before, says what its hash covers, was written by the platform, and its events say what they said. 200 blocks or about
/// 2,000 entries at once; `next_from` leads on. Costs 1 Query for 50 blocks and 1 read unit an entry.
#[utoipa::path(
    get, path = "/audit-logs/verify", tag = "audit",
    params(
        ("from" = Option<u64>, Query, description = "The first block, 1 where nothing is said."),
        ("to" = Option<u64>, Query, description = "The last block, the newest where nothing is said."),
    ),
    responses((status = 200, description = "What was found.", body = Envelope<AuditVerification>)),
)]
pub(crate) async fn audit_log_verify(
    State(app): State<App>,
    signed_in: SignedIn,
    params: Params,
) -> Result<Data<AuditVerification>, Problem> {
    let grant = allowed(&signed_in, Permission::AuditRead)?;
    let mut wrong = Vec::new();
    let (from, to) = (params.number("from", &mut wrong).unwrap_or(1), params.number("to", &mut wrong));
    if from == 0 {
        wrong.push(FieldInvalid::new("from", Invalid::new("out_of_range", "must be 1 or more")));
    }
    if to.is_some_and(|to| to < from) {
        wrong.push(FieldInvalid::new("to", Invalid::new("out_of_range", "must not be before from")));
    }
    if !wrong.is_empty() {
        return Err(wrong.into());
    }
    let verified = app.table().verify_chain(&grant, from.into(), to.map(u64::from)).await?;
    Ok(Data(verified.into()))
}
