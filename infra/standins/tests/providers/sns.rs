use providers::inbound::Forged;
use providers::inbound::ses::{self, Bounce, MailEventKind};
use providers::inbound::sns::{NoticeKind, SnsWeb as _, Untaken, verify};
use standins::sns::Sns;
use standins::{Callback, ManualClock, Setup};

const TOPIC: &str = "arn:aws:sns:ap-south-1:123456789012:mail";
const MAIL: &str = "0000000000000001";

fn sns() -> Sns {
    let setup = Setup { clock: ManualClock::new(1_795_168_800).arc(), ..Setup::default() };
    Sns::new(TOPIC, &setup).expect("a topic")
}

async fn published(sns: &Sns, told: &Callback) -> String {
    let notice = verify(TOPIC, &told.body, sns).await.expect("it is genuine");
    assert_eq!(notice.at.as_second(), 1_795_168_800);
    let NoticeKind::Published { message } = notice.kind else { panic!("{:?}", notice.kind) };
    message
}

#[tokio::test]
async fn what_becomes_of_a_mail_is_told_by_a_genuine_message() {
    let sns = sns();
    for (told, kind) in [
        (sns.delivered(MAIL, "asha@example.com"), MailEventKind::Delivered),
        (sns.bounced(MAIL, "asha@example.com", "Permanent"), MailEventKind::Bounced(Bounce::Permanent)),
        (sns.bounced(MAIL, "asha@example.com", "Transient"), MailEventKind::Bounced(Bounce::Transient)),
        (sns.complained(MAIL, "asha@example.com"), MailEventKind::Complained(Some("abuse".to_owned()))),
    ] {
        let event = ses::read(&published(&sns, &told.expect("it is told")).await).expect("it reads");
        assert_eq!((event.id.as_str(), event.kind), (MAIL, kind));
        assert_eq!(event.recipients, ["asha@example.com"]);
    }
}

#[tokio::test]
async fn a_subscription_is_confirmed_where_sns_says() {
    let sns = sns();
    let asked = sns.subscription().expect("it is told");
    let notice = verify(TOPIC, &asked.body, &sns).await.expect("it is genuine");
    let NoticeKind::Subscription { confirm_at } = notice.kind else { panic!("{:?}", notice.kind) };
    assert!(!sns.is_confirmed());
    sns.get(&confirm_at).await.expect("it answers");
    assert!(sns.is_confirmed());
}

#[tokio::test]
async fn another_topic_s_key_signs_nothing_of_ours() {
    let (sns, another) = (sns(), sns());
    let told = another.published("Hello").expect("it is told");
    assert_eq!(verify(TOPIC, &told.body, &sns).await, Err(Untaken::Forged(Forged::Mismatch)));
    let text = String::from_utf8(told.body).expect("text").replace("Hello", "Hallo");
    assert_eq!(verify(TOPIC, text.as_bytes(), &another).await, Err(Untaken::Forged(Forged::Mismatch)));
}
