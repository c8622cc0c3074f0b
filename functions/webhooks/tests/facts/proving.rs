//! An address is proved to Meta, and to nobody else.

use std::collections::BTreeSet;

use domain::IntegrationId;
use domain::integration::{IntegrationPatch, Provider};
use testkit::Ask;

use crate::genuine::words;
use crate::support::{Desk, FROM, WORD, path};

fn query(mode: &str, word: &str, challenge: &str) -> String {
    format!("?hub.mode={mode}&hub.challenge={challenge}&hub.verify_token={word}")
}

#[tokio::test]
async fn who_knows_the_word_is_told_the_challenge_bare() {
    let desk = Desk::new().await;
    for provider in [Provider::Whatsapp, Provider::Facebook] {
        let one = desk.connect(provider).await;
        let answer = desk.of(Ask::get(format!("{}{}", path(&one), query("subscribe", WORD, "1158201444")))).await;
        assert_eq!((answer.status.as_u16(), answer.bytes.as_slice()), (200, &b"1158201444"[..]), "{provider}");
        let content_type = answer.header("content-type").expect("a type");
        assert!(content_type.starts_with("text/plain"), "{content_type}");
    }
    assert!(desk.waiting().await.is_empty(), "it is no delivery");
}

#[tokio::test]
async fn everybody_else_is_told_that_there_is_nothing() {
    let desk = Desk::new().await;
    let [one, paused, other] = [
        desk.connect(Provider::Whatsapp).await,
        desk.connect(Provider::Facebook).await,
        desk.connect(Provider::Msg91).await,
    ];
    let pause = IntegrationPatch { is_active: Some(false), ..IntegrationPatch::default() };
    desk.change_one(&paused, &pause).await;
    let nowhere = IntegrationId::at(desk.world.platform.now(), [9; 10]);
    let good = query("subscribe", WORD, "1");
    let mut all = BTreeSet::new();
    for (what, at) in [
        ("another word", format!("{}{}", path(&one), query("subscribe", "another", "1"))),
        ("no word", format!("{}?hub.mode=subscribe&hub.challenge=1", path(&one))),
        ("another mode", format!("{}{}", path(&one), query("unsubscribe", WORD, "1"))),
        ("a page as challenge", format!("{}{}", path(&one), query("subscribe", WORD, "%3Cscript%3E"))),
        ("nothing at all", path(&one)),
        ("a paused connection", format!("{}{good}", path(&paused))),
        ("a provider that asks nothing", format!("{}{good}", path(&other))),
        ("another provider", format!("/v1/webhooks/facebook/{}{good}", one.id)),
        ("nowhere", format!("/v1/webhooks/whatsapp/{nowhere}{good}")),
    ] {
        let answer = desk.of(Ask::get(at)).await;
        assert_eq!(answer.status, 404, "{what}");
        all.insert(words(&answer));
    }
    assert_eq!(all.len(), 1, "{all:#?}");
}

#[tokio::test]
async fn who_guesses_words_is_held_back() {
    let desk = Desk::new().await;
    let one = desk.connect(Provider::Whatsapp).await;
    let mut statuses = Vec::new();
    for number in 0..125 {
        let at = format!("{}{}", path(&one), query("subscribe", &format!("guess-{number}"), "1"));
        statuses.push(desk.of(Ask::get(at).header(FROM, "198.51.100.1")).await.status.as_u16());
    }
    assert_eq!(statuses.iter().filter(|status| **status == 404).count(), 120);
    assert_eq!(statuses.last(), Some(&429));
    let good = Ask::get(format!("{}{}", path(&one), query("subscribe", WORD, "1"))).header(FROM, "198.51.100.1");
    desk.of(good).await.expect(200);
}
