//! From a request's bytes to the engine's function and back.

use std::fmt::Display;
use std::future::Future;

use dynoxide::actions::vector_lifecycle::VectorIndexLifecycle;
use dynoxide::actions::{
    batch_execute_statement, batch_get_item, batch_write_item, create_table, delete_item, delete_table,
    describe_stream, describe_table, describe_time_to_live, execute_statement, execute_transaction, get_item,
    get_records, get_shard_iterator, list_streams, list_tables, list_tags_of_resource, put_item, query, scan,
    tag_resource, transact_get_items, transact_write_items, untag_resource, update_item, update_table,
    update_time_to_live,
};
use dynoxide::storage::Storage;
use dynoxide::types::ConsumedCapacity;
use dynoxide::{DynoxideError, Result};
use futures::FutureExt;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::meter::Meter;
use crate::Fault;

/// An operation as the dispatch needs to know it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Operation {
    /// Its API name.
    pub(crate) name: &'static str,
    pub(crate) access: Access,
    /// May take milliseconds however small its request is.
    pub(crate) heavy: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    Read,
    Write,
    /// Changes tables, so that every connection has to look again.
    Schema,
}

const fn operation(name: &'static str, access: Access, heavy: bool) -> Operation {
    Operation { name, access, heavy }
}

/// The most frequent first.
const OPERATIONS: [Operation; 27] = [
    operation("GetItem", Access::Read, false),
    operation("Query", Access::Read, false),
    operation("TransactWriteItems", Access::Write, false),
    operation("PutItem", Access::Write, false),
    operation("UpdateItem", Access::Write, false),
    operation("DeleteItem", Access::Write, false),
    operation("BatchGetItem", Access::Read, false),
    operation("BatchWriteItem", Access::Write, false),
    operation("TransactGetItems", Access::Read, false),
    operation("Scan", Access::Read, true),
    operation("DescribeTable", Access::Read, false),
    operation("ListTables", Access::Read, false),
    operation("CreateTable", Access::Schema, true),
    operation("DeleteTable", Access::Schema, true),
    operation("UpdateTable", Access::Schema, true),
    operation("UpdateTimeToLive", Access::Schema, true),
    operation("DescribeTimeToLive", Access::Read, false),
    operation("TagResource", Access::Schema, true),
    operation("UntagResource", Access::Schema, true),
    operation("ListTagsOfResource", Access::Read, false),
    operation("ExecuteStatement", Access::Write, true),
    operation("BatchExecuteStatement", Access::Write, true),
    operation("ExecuteTransaction", Access::Write, true),
    operation("ListStreams", Access::Read, false),
    operation("DescribeStream", Access::Read, false),
    operation("GetShardIterator", Access::Read, false),
    operation("GetRecords", Access::Read, false),
];

impl Operation {
    /// The operation an `x-amz-target` header names, such as `DynamoDB_20120810.GetItem`.
    pub(crate) fn of_target(target: &str) -> Option<Self> {
        let (service, name) = target.split_once('.')?;
        let known = matches!(service, "DynamoDB_20120810" | "DynamoDBStreams_20120810");
        OPERATIONS.into_iter().find(|operation| known && operation.name == name)
    }

    pub(crate) fn writes(self) -> bool {
        self.access != Access::Read
    }

    /// Whether a fault means anything to this operation.
    pub(crate) fn admits(self, fault: Fault) -> bool {
        match fault {
            Fault::Conflict => {
                matches!(self.name, "TransactWriteItems" | "TransactGetItems" | "PutItem" | "UpdateItem" | "DeleteItem")
            }
            Fault::Partial => matches!(self.name, "BatchGetItem" | "BatchWriteItem"),
            Fault::Lost | Fault::Unanswered | Fault::Throttled | Fault::CrashBefore | Fault::CrashAfter => true,
        }
    }
}

/// What an operation runs with.
pub(crate) struct Context<'a> {
    pub(crate) storage: &'a Storage,
    pub(crate) indexes: &'a VectorIndexLifecycle,
    pub(crate) meter: &'a Meter,
    pub(crate) operation: Operation,
}

impl Context<'_> {
    /// Runs the operation on a request in the wire's JSON, and answers in it.
    pub(crate) fn run(&self, body: &[u8]) -> Result<Vec<u8>> {
        let (db, indexes) = (self.storage, self.indexes);
        match self.operation.name {
            "GetItem" => self.costed(body, |request| get_item::execute(db, request)),
            "Query" => self.costed(body, |request| query::execute(db, request)),
            "TransactWriteItems" => self.costed(body, |request| transact_write_items::execute(db, request)),
            "PutItem" => self.costed(body, |request| put_item::execute(db, request)),
            "UpdateItem" => self.costed(body, |request| update_item::execute(db, request)),
            "DeleteItem" => self.costed(body, |request| delete_item::execute(db, request)),
            "BatchGetItem" => self.costed(body, |request| batch_get_item::execute(db, request)),
            "BatchWriteItem" => self.costed(body, |request| batch_write_item::execute(db, request)),
            "TransactGetItems" => self.costed(body, |request| transact_get_items::execute(db, request)),
            "Scan" => self.costed(body, |request| scan::execute(db, request)),
            "ExecuteStatement" => self.costed(body, |request| execute_statement::execute(db, request)),
            "BatchExecuteStatement" => self.costed(body, |request| batch_execute_statement::execute(db, request)),
            "ExecuteTransaction" => self.costed(body, |request| execute_transaction::execute(db, request)),
            "DescribeTable" => plain(body, |request| describe_table::execute(db, request, indexes)),
            "ListTables" => plain(body, |request| list_tables::execute(db, request)),
            "CreateTable" => plain(body, |request| create_table::execute(db, request)),
            "DeleteTable" => plain(body, |request| delete_table::execute(db, request, indexes)),
            "UpdateTable" => plain(body, |request| update_table::execute(db, request, indexes)),
            "UpdateTimeToLive" => plain(body, |request| update_time_to_live::execute(db, request)),
            "DescribeTimeToLive" => plain(body, |request| describe_time_to_live::execute(db, request)),
            "TagResource" => plain(body, |request| tag_resource::execute(db, request)),
            "UntagResource" => plain(body, |request| untag_resource::execute(db, request)),
            "ListTagsOfResource" => plain(body, |request| list_tags_of_resource::execute(db, request)),
            "ListStreams" => plain(body, |request| list_streams::execute(db, request)),
            "DescribeStream" => plain(body, |request| describe_stream::execute(db, request)),
            "GetShardIterator" => plain(body, |request| get_shard_iterator::execute(db, request)),
            "GetRecords" => plain(body, |request| get_records::execute(db, request)),
            other => Err(DynoxideError::InternalServerError(format!("no dispatch for {other}"))),
        }
    }

    /// Runs an operation that reports capacity: asked for it if the meter counts, and told to the caller only
    /// if the caller asked too.
    fn costed<Q, A, F>(&self, body: &[u8], execute: impl FnOnce(Q) -> F) -> Result<Vec<u8>>
    where
        Q: DeserializeOwned + Asks,
        A: Serialize + Reports,
        F: Future<Output = Result<A>>,
    {
        let mut request: Q = read(body)?;
        let ours = self.meter.counts() && request.ask();
        let mut answer = at_once(execute(request))?;
        if self.meter.counts() {
            self.meter.units(self.operation.name, self.operation.writes(), answer.consumed());
            if ours {
                answer.keep_quiet();
            }
        }
        write(&answer)
    }
}

fn plain<Q: DeserializeOwned, A: Serialize, F: Future<Output = Result<A>>>(
    body: &[u8],
    execute: impl FnOnce(Q) -> F,
) -> Result<Vec<u8>> {
    write(&at_once(execute(read(body)?))?)
}

/// The engine's futures over `SQLite` never wait: see `dynoxide::storage_backend::rusqlite_impl`.
pub(crate) fn at_once<T>(future: impl Future<Output = Result<T>>) -> Result<T> {
    future.now_or_never().unwrap_or_else(|| Err(DynoxideError::InternalServerError("the engine waited".to_owned())))
}

/// Malformed requests are told in the engine's words; it marks in the message which error it means.
fn read<Q: DeserializeOwned>(body: &[u8]) -> Result<Q> {
    serde_json::from_slice(body).map_err(|error| {
        let told = error.to_string();
        let told = told.rsplit_once(" at line ").map_or(told.as_str(), |(words, _)| words);
        match told.split_once(':') {
            Some(("VALIDATION" | "VALIDATION_AS_READ", words)) => DynoxideError::ValidationException(words.to_owned()),
            Some(("VALIDATION_REQUEST", words)) => {
                DynoxideError::ValidationException(format!("1 validation error detected: {words}"))
            }
            Some(("SERIALIZATION" | "SERIALIZATION_AS_READ", words)) => {
                DynoxideError::SerializationException(words.to_owned())
            }
            _ => DynoxideError::SerializationException(told.to_owned()),
        }
    })
}

fn write(answer: &impl Serialize) -> Result<Vec<u8>> {
    serde_json::to_vec(answer).map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}

/// The answer to a target that names no operation.
pub(crate) fn unknown() -> (u16, Vec<u8>) {
    (400, br#"{"__type":"com.amazon.coral.service#UnknownOperationException"}"#.to_vec())
}

/// The answer to a body that could not be read within its bound.
pub(crate) fn too_large(error: &(dyn std::error::Error + Send + Sync)) -> (u16, Vec<u8>) {
    told(&DynoxideError::SerializationException(error.to_string()))
}

/// The answer when the work itself broke off.
pub(crate) fn failure(error: &impl Display) -> (u16, Vec<u8>) {
    told(&DynoxideError::InternalServerError(error.to_string()))
}

/// An error as DynamoDB writes it.
pub(crate) fn told(error: &DynoxideError) -> (u16, Vec<u8>) {
    (error.status_code(), error.to_json().into_bytes())
}

/// A request that can ask for the capacity it consumes.
trait Asks {
    /// Asks for units by index unless the caller asked for units already; tells whether it did.
    fn ask(&mut self) -> bool;
}

/// An answer that can report the capacity consumed.
trait Reports {
    fn consumed(&self) -> impl Iterator<Item = &ConsumedCapacity>;
    fn keep_quiet(&mut self);
}

macro_rules! asks {
    ($($request:ty),* $(,)?) => {$(
        impl Asks for $request {
            fn ask(&mut self) -> bool {
                let silent = matches!(self.return_consumed_capacity.as_deref(), None | Some("NONE"));
                if silent {
                    self.return_consumed_capacity = Some("INDEXES".to_owned());
                }
                silent
            }
        }
    )*};
}

macro_rules! reports {
    ($field:ident, $reports:expr; $($answer:ty),* $(,)?) => {$(
        impl Reports for $answer {
            fn consumed(&self) -> impl Iterator<Item = &ConsumedCapacity> {
                let $field = self.consumed_capacity.iter();
                $reports
            }
            fn keep_quiet(&mut self) {
                self.consumed_capacity = None;
            }
        }
    )*};
}

asks!(
    get_item::GetItemRequest,
    query::QueryRequest,
    transact_write_items::TransactWriteItemsRequest,
    put_item::PutItemRequest,
    update_item::UpdateItemRequest,
    delete_item::DeleteItemRequest,
    batch_get_item::BatchGetItemRequest,
    batch_write_item::BatchWriteItemRequest,
    transact_get_items::TransactGetItemsRequest,
    scan::ScanRequest,
    execute_statement::ExecuteStatementRequest,
    batch_execute_statement::BatchExecuteStatementRequest,
    execute_transaction::ExecuteTransactionRequest,
);

reports!(one, one;
    get_item::GetItemResponse,
    query::QueryResponse,
    put_item::PutItemResponse,
    update_item::UpdateItemResponse,
    delete_item::DeleteItemResponse,
    scan::ScanResponse,
    execute_statement::ExecuteStatementResponse,
);

reports!(many, many.flatten();
    transact_write_items::TransactWriteItemsResponse,
    batch_get_item::BatchGetItemResponse,
    batch_write_item::BatchWriteItemResponse,
    transact_get_items::TransactGetItemsResponse,
    batch_execute_statement::BatchExecuteStatementResponse,
    execute_transaction::ExecuteTransactionResponse,
);
