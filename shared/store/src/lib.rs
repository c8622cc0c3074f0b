//! The one table, the files and the queues.
//!
//! Everything here takes a [`domain::Grant`]: a read or a write that forgets its tenant does not
//! compile, and what is out of the grant's rows is [`ReadError::NotFound`], exactly as what is not
//! there.

mod audience;
mod audit;
mod batch;
mod claims;
mod commit;
mod connections;
mod counts;
mod cursor;
mod data_keys;
mod due;
mod error;
mod event_log;
mod events;
mod feed;
mod files;
mod history;
mod idempotency;
mod inboxes;
mod item;
pub mod keys;
mod lead_lists;
mod limits;
mod list;
mod many;
mod marks;
mod outreach;
mod progress;
mod projections;
mod purge;
mod queues;
mod rests;
mod seal;
mod search;
mod secret;
mod signed;
mod signing_keys;
mod subjects;
mod sync_log;
mod table;
mod tickets;
mod told;
mod tracking;

pub use audience::{AudiencePage, AudienceQuery, AudienceSize};
pub use audit::{AuditEntry, AuditQuery, AuditRow, Break, Broken, ChainHead, Verified};
pub use commit::{MAX_TRANSACTION_ITEMS, Transaction};
pub use connections::{Connection, Hearer, Hearers, JoinError};
pub use counts::CountRow;
pub use cursor::{BadCursor, Cursor};
pub use data_keys::DATA_KEY_AGE;
pub use due::{Due, DuePage};
pub use error::{CommitError, ReadError, Refused, StoreError, there};
pub use event_log::{EventLogQuery, LoggedEvent};
pub use feed::{Feed, FeedError};
pub use files::{FileError, Files};
pub use idempotency::{Begun, StoredResponse};
pub use inboxes::Notified;
pub use lead_lists::{LeadLists, NotChosen};
pub use limits::Window;
pub use list::{ListPage, ListQuery};
pub use outreach::{CapCount, Reach, UnsubscribeLink};
pub use progress::ChunkProgress;
pub use projections::{Projected, StreamImage};
pub use queues::{Queue, QueueError};
pub use rests::Rests;
pub use seal::{DataKey, KeyRing, KeyWrapper, WrapError};
pub use secret::HashKey;
pub use signing_keys::PublishedKey;
pub use table::Table;
pub use tickets::Ticket;
pub use told::{ToldFrom, ToldPage};
pub use tracking::{Target, TrackingLink};
