use std::time::Instant;

use providers::inbound::meta::{Event, read, verify};
use providers::{Graph, SendError};
use standins::graph::{self, Page};
use standins::{Setup, Trouble};

use crate::{SECRET, TIMEOUT, TROUBLES, api, credential, is_clean, serve};

async fn page() -> (graph::Graph, Graph) {
    let page = Page { id: "1".to_owned(), token: SECRET.to_owned(), secret: "an-app-secret".to_owned() };
    let double = graph::Graph::new(&Setup::default(), page);
    double.fill("444", &[("full_name", "Asha Example"), ("city", "Pune")]);
    let base = serve!(double);
    let graph = Graph::new(api(), &format!("{base}/v24.0"), &credential(SECRET)).expect("a page");
    (double, graph)
}

#[tokio::test]
async fn what_somebody_answered_is_had_by_the_id_that_the_webhook_tells() {
    let (double, graph) = page().await;
    let told = double.told(&["444", "445"]);
    assert_eq!(verify("an-app-secret", &told.headers, &told.body), Ok(()));
    let events = read(&told.body).expect("it reads");
    let [Event::Lead(lead), Event::Lead(other)] = &events[..] else { panic!("{events:?}") };
    let answers = graph.lead(&lead.id).await.expect("it is there").answers;
    assert_eq!((answers.len(), answers[0].values[0].as_str(), double.asked()), (2, "Asha Example", 1));
    let hidden = graph.lead(&other.id).await.expect_err("it is not there");
    assert!(matches!(hidden, SendError::NotTaken { .. }), "the token may yet be given leave: {hidden:?}");
    assert!(matches!(graph.lead("444/../445").await, Err(SendError::Refused(_))));
}

#[tokio::test]
async fn no_trouble_is_taken_for_an_answer_or_for_the_end() {
    let (double, graph) = page().await;
    for (trouble, _) in TROUBLES.into_iter().chain([(Trouble::Code(190), 0), (Trouble::Code(4), 0)]) {
        double.trouble(trouble);
        let begun = Instant::now();
        let error = graph.lead("444").await.expect_err("it is not told");
        assert!(!matches!(error, SendError::Refused(_)) && is_clean(&error), "{trouble:?}: {error:?}");
        assert!(begun.elapsed() < TIMEOUT * 3, "{trouble:?}");
    }
    graph.lead("444").await.expect("the trouble is over");
}

#[tokio::test]
async fn a_wrong_token_opens_nothing_and_no_log_shows_the_right_one() {
    let (double, _) = page().await;
    let base = serve!(double);
    let graph = Graph::new(api(), &format!("{base}/v24.0"), &credential("another-secret")).expect("a page");
    let error = graph.lead("444").await.expect_err("it is not let in");
    assert_eq!(error, SendError::not_taken("Facebook's error 190: the access token is not good"));
    assert!(!format!("{graph:?} {double:?}").contains("secret"));
}
