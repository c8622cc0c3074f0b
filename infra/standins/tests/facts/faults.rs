use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{KeysAndAttributes, PutRequest, WriteRequest};
use standins::sqs::Queue;
use standins::{Call, Dynamo, Fault, Faults, Service, Setup, Standins};

use crate::{TABLE, item, put, put_if_new, table, text};

/// One fault for the first call of an operation.
fn once(operation: &'static str, fault: Fault) -> Faults {
    let struck = std::sync::atomic::AtomicBool::new(false);
    Faults::decided_by(move |call: &Call<'_>| {
        let first = call.operation == operation && !struck.swap(true, std::sync::atomic::Ordering::SeqCst);
        first.then_some(fault)
    })
}

async fn dynamo(faults: &Faults) -> Dynamo {
    let dynamo = Dynamo::memory(&Setup { faults: faults.clone(), ..Setup::default() }).expect("opens");
    dynamo.create_table(&table()).await.expect("made");
    dynamo
}

async fn there(dynamo: &Dynamo, pk: &str) -> bool {
    let get = dynamo.client().get_item().table_name(TABLE).key("pk", text(pk)).key("sk", text("record"));
    get.send().await.expect("answered").item.is_some()
}

#[tokio::test]
async fn a_lost_or_throttled_call_is_tried_again_by_the_sdk() {
    for fault in [Fault::Lost, Fault::Throttled] {
        let faults = once("PutItem", fault);
        let dynamo = dynamo(&faults).await;
        dynamo.client().put_item().table_name(TABLE).set_item(Some(item("a", &[]))).send().await.expect("put");
        assert_eq!((faults.injected(), faults.writes()), (1, 2), "{fault:?}");
    }
}

#[tokio::test]
async fn a_write_whose_answer_is_lost_is_done_and_its_retry_sees_it() {
    let dynamo = dynamo(&once("PutItem", Fault::Unanswered)).await;
    let put = dynamo.client().put_item().table_name(TABLE).set_item(Some(item("a", &[])));
    let error = put.condition_expression("attribute_not_exists(pk)").send().await.expect_err("its own first try");
    assert!(error.into_service_error().is_conditional_check_failed_exception());
    assert!(there(&dynamo, "a").await);
}

#[tokio::test]
async fn a_transaction_whose_answer_is_lost_is_repeated_by_its_token() {
    let dynamo = dynamo(&once("TransactWriteItems", Fault::Unanswered)).await;
    let call = dynamo.client().transact_write_items().transact_items(put_if_new(item("a", &[])));
    call.send().await.expect("done once, answered");
}

#[tokio::test]
async fn a_conflict_cancels_the_transaction_before_it_writes() {
    let dynamo = dynamo(&once("TransactWriteItems", Fault::Conflict)).await;
    let items = vec![put(item("a", &[])), put(item("b", &[]))];
    let call = dynamo.client().transact_write_items().set_transact_items(Some(items));
    let error = call.send().await.expect_err("cancelled").into_service_error();
    let TransactWriteItemsError::TransactionCanceledException(cancelled) = error else { panic!("{error:?}") };
    let codes: Vec<_> = cancelled.cancellation_reasons().iter().map(|reason| reason.code()).collect();
    assert_eq!(codes, [Some("TransactionConflict"), Some("None")]);
    assert!(!there(&dynamo, "a").await);
}

#[tokio::test]
async fn a_partial_batch_says_what_it_left() {
    let dynamo = dynamo(&once("BatchWriteItem", Fault::Partial)).await;
    let writes = ["a", "b", "c"].map(|pk| {
        let put = PutRequest::builder().set_item(Some(item(pk, &[]))).build().expect("complete");
        WriteRequest::builder().put_request(put).build()
    });
    let call = dynamo.client().batch_write_item().request_items(TABLE, writes.to_vec());
    let left = call.send().await.expect("answered").unprocessed_items.expect("told");
    assert_eq!(left[TABLE].len(), 1);
    assert!(there(&dynamo, "b").await && !there(&dynamo, "c").await);

    let dynamo = self::dynamo(&once("BatchGetItem", Fault::Partial)).await;
    let keys = ["a", "b"].map(|pk| item(pk, &[]));
    let keys = KeysAndAttributes::builder().set_keys(Some(keys.to_vec())).build().expect("complete");
    let left = dynamo.client().batch_get_item().request_items(TABLE, keys).send().await.expect("answered");
    assert_eq!(left.unprocessed_keys.expect("told")[TABLE].keys().len(), 1);
}

#[tokio::test]
async fn a_crash_at_a_write_fails_everything_until_the_caller_is_revived() {
    for (faults, done) in [(Faults::crash_before_write(2), false), (Faults::crash_after_write(2), true)] {
        let dynamo = dynamo(&faults).await;
        let put = |pk| dynamo.client().put_item().table_name(TABLE).set_item(Some(item(pk, &[]))).send();
        put("a").await.expect("the first write");
        let error = put("b").await.expect_err("died");
        assert!(matches!(error, SdkError::DispatchFailure(_)), "{error:?}");
        put("c").await.expect_err("dead");
        assert!(faults.crashed());
        assert_eq!(faults.writes(), 2, "the dead do not call, and the SDK does not try again for them");
        faults.revive();
        assert_eq!((there(&dynamo, "b").await, there(&dynamo, "c").await), (done, false));
    }
}

#[tokio::test]
async fn one_value_counts_across_services_and_strikes_equally_from_one_seed() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let faults = Faults::seeded(7, 25, &[Fault::Lost, Fault::Throttled, Fault::Unanswered]);
        let standins = Standins::memory_with(&Setup { faults: faults.clone(), ..Setup::default() }).expect("opens");
        standins.dynamo.create_table(&table()).await.expect("made");
        let url = standins.sqs.create_queue(&Queue::named("work")).await.expect("made");
        let (dynamo, sqs) = (standins.dynamo.client(), standins.sqs.client());
        let mut outcome = Vec::new();
        for n in 0..40 {
            let put = dynamo.put_item().table_name(TABLE).set_item(Some(item(&n.to_string(), &[])));
            outcome.push(put.send().await.is_ok());
            outcome.push(sqs.send_message().queue_url(&url).message_body("body").send().await.is_ok());
        }
        assert!(faults.injected() > 10, "{faults:?}");
        runs.push((outcome, faults.calls(), faults.writes(), faults.injected()));
    }
    assert_eq!(runs[0], runs[1]);
}

#[tokio::test]
async fn a_call_is_described_to_whoever_decides() {
    let seen = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let log = std::sync::Arc::clone(&seen);
    let faults = Faults::decided_by(move |call: &Call<'_>| {
        log.lock().expect("free").push((call.service, call.operation.to_owned(), call.number, call.write));
        None
    });
    let dynamo = dynamo(&faults).await;
    there(&dynamo, "a").await;
    dynamo.client().put_item().table_name(TABLE).set_item(Some(item("a", &[]))).send().await.expect("put");
    let expected =
        [(Service::Dynamo, "GetItem".to_owned(), 1, None), (Service::Dynamo, "PutItem".to_owned(), 2, Some(1))];
    assert_eq!(*seen.lock().expect("free"), expected);
}
