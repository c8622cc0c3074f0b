//! Batches that a queue hands to a worker.

use std::fmt::Display;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use futures::stream::{self, StreamExt as _};

/// Works through a batch, at most so many messages `at_once` (one, and they are dealt with in their order), each by its
/// body. Those that were not dealt with come back as failed, in their order, for the queue to hand them out again; the log
/// says of each what was `undone` and why.
pub async fn work_through<E, F>(
    event: SqsEvent,
    at_once: usize,
    undone: &'static str,
    one: impl Fn(String) -> F,
) -> SqsBatchResponse
where
    E: Display,
    F: Future<Output = Result<(), E>>,
{
    let works = event.records.into_iter().enumerate().map(move |(place, message)| {
        // A batch of large futures is a large future.
        let done = Box::pin(one(message.body.unwrap_or_default()));
        let id = message.message_id.unwrap_or_default();
        async move { (place, id, done.await) }
    });
    let mut works = stream::iter(works).buffer_unordered(at_once.max(1));
    let mut failed = Vec::new();
    while let Some((place, id, done)) = works.next().await {
        if let Err(error) = done {
            tracing::error!(message_id = id, %error, "{undone}");
            failed.push((place, id));
        }
    }
    failed.sort_unstable();
    let mut response = SqsBatchResponse::default();
    for (_, id) in failed {
        response.add_failure(id);
    }
    response
}

#[cfg(test)]
mod tests {
    use std::future::ready;
    use std::sync::Mutex;

    use serde_json::{Value, json};

    use super::*;

    /// A batch of these bodies, whose ids are they too.
    fn batch(bodies: &[&str]) -> SqsEvent {
        let records: Vec<Value> = bodies.iter().map(|body| json!({"messageId": body, "body": body})).collect();
        serde_json::from_value(json!({"Records": records})).expect("an event")
    }

    fn ids(response: &SqsBatchResponse) -> Vec<&str> {
        response.batch_item_failures.iter().map(|failure| failure.item_identifier.as_str()).collect()
    }

    #[tokio::test]
    async fn what_fails_comes_back_in_its_order_and_the_rest_is_done() {
        for at_once in [1, 2, 10] {
            let done = Mutex::new(Vec::new());
            let one = |body: String| {
                let done = &done;
                async move {
                    // Those behind are faster.
                    for _ in 0..10 - body.len() {
                        tokio::task::yield_now().await;
                    }
                    done.lock().expect("nobody panicked").push(body.clone());
                    if body.contains('x') { Err("it is bad") } else { Ok(()) }
                }
            };
            let response = work_through(batch(&["x", "aa", "xxx", "aaaa"]), at_once, "a test was not done", one).await;
            assert_eq!(ids(&response), ["x", "xxx"], "{at_once} at once");
            let mut done = done.into_inner().expect("nobody panicked");
            if at_once > 1 {
                done.sort_by_key(String::len);
            }
            assert_eq!(done, ["x", "aa", "xxx", "aaaa"], "{at_once} at once");
        }
    }

    #[tokio::test]
    async fn a_message_without_a_body_is_one_with_an_empty_body() {
        let one = |body: String| ready(if body.is_empty() { Err("it says nothing") } else { Ok(()) });
        let mut event = batch(&["a"]);
        event.records[0].body = None;
        assert_eq!(ids(&work_through(event, 1, "a test was not done", one).await), ["a"]);
        assert_eq!(ids(&work_through(SqsEvent::default(), 0, "a test was not done", one).await), [""; 0]);
    }
}
