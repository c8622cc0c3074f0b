use jiff::{SignedDuration, Timestamp};
use providers::{Breaker, BreakerSettings, SendError, TextSender as _, Twilio, TwilioSender};
use standins::{Trouble, twilio};

use crate::{ASHA, SECRET, api, credential, outbox, serve, text};

#[tokio::test]
async fn a_provider_that_fails_is_left_alone_and_asked_again_once_it_may_have_recovered() {
    let double = twilio::Twilio::new(outbox(), "AC1", SECRET);
    let base = serve!(double);
    let sender = TwilioSender::From("+15005550006".to_owned());
    let twilio = Twilio::new(api(), &base, "AC1", &credential(SECRET), sender).expect("an account");
    let breaker = Breaker::new(BreakerSettings {
        window: SignedDuration::from_secs(60),
        failures: 2,
        percent: 50,
        rest: SignedDuration::from_secs(30),
        burst: 100,
        pace: SignedDuration::from_millis(10),
    });
    let at = |seconds: i64| Timestamp::from_second(1_795_168_800 + seconds).expect("a time");
    let message = text(ASHA);
    let send = async |seconds: i64| breaker.send(|| at(seconds), twilio.send(&message)).await;
    let refused = text("+15005550001");
    let refuse = breaker.send(|| at(0), twilio.send(&refused)).await;
    assert!(matches!(refuse, Err(SendError::Refused(_))), "an answer is no failure");

    for _ in 0..2 {
        double.trouble(Trouble::Status { status: 503, retry_after: None });
        assert!(matches!(send(0).await, Err(SendError::NotTaken { rest: None, .. })));
    }
    let Err(SendError::NotTaken { rest, .. }) = send(10).await else { panic!("it is held") };
    assert_eq!(rest, Some(SignedDuration::from_secs(20)));
    assert_eq!(double.outbox().count().expect("counted"), 0, "nothing was asked");
    send(30).await.expect("the probe is taken");
    send(30).await.expect("and whatever follows");

    double.trouble(Trouble::Status { status: 429, retry_after: Some(120) });
    let asked =
        Err(SendError::NotTaken { why: "Twilio answered 429".into(), rest: Some(SignedDuration::from_secs(120)) });
    assert_eq!(send(40).await, asked);
    let Err(SendError::NotTaken { rest, .. }) = send(100).await else { panic!("it is held") };
    assert_eq!(rest, Some(SignedDuration::from_secs(60)), "the rest it asked for is kept");
    send(160).await.expect("it has rested");
    assert_eq!(double.outbox().count().expect("counted"), 3);
}
