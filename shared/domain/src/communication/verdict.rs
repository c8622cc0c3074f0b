//! Whether a person followed a link of an e-mail, or a program: gateways open mails and follow their links before anybody
//! reads them, and browsers load what people may want next.

use jiff::{SignedDuration, Timestamp};

use super::Communication;
use crate::Change;
use crate::values::wire_enum;

wire_enum! {
    /// What somebody does to an e-mail that is told here.
    Following, "unknown_following",
    /// Its pixel was loaded.
    Open = "open",
    /// One of its links was followed.
    Click = "click",
}

wire_enum! {
    /// Why no person is thought to have followed a link.
    MachineReason, "unknown_reason",
    /// A browser loads it in case somebody comes to want it.
    Prefetch = "prefetch",
    /// A program that looks at links.
    Scanner = "scanner",
    /// It was followed sooner after it was sent than people read.
    TooFast = "too_fast",
    /// A proxy loads images of mails whether or not anybody looks at them.
    ImageProxy = "image_proxy",
}

/// Who followed a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FollowedBy {
    /// A person, as far as can be told.
    Person,
    /// A program.
    Machine(MachineReason),
}

/// A request for a link of an e-mail.
#[derive(Debug, Clone, Copy)]
pub struct Followed<'a> {
    /// What it does.
    pub following: Following,
    /// Its HTTP method.
    pub method: &'a str,
    /// Its `User-Agent`.
    pub user_agent: Option<&'a str>,
    /// Its [`PURPOSE_HEADERS`].
    pub purposes: [Option<&'a str>; 3],
    /// How long ago the e-mail was sent, or was delivered where that is known; `None` while no provider is known to have
    /// taken it.
    pub since_sent: Option<SignedDuration>,
}

/// The headers that tell what a request is for: `Sec-Purpose` (<https://fetch.spec.whatwg.org/#sec-purpose-header>), and
/// what Chrome and Firefox sent before it was agreed
/// (<https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Sec-Purpose>).
pub const PURPOSE_HEADERS: [&str; 3] = ["sec-purpose", "purpose", "x-moz"];

/// Nobody receives a mail, reads it and follows its link within so many seconds. No standard says so; it is our choice.
pub const TOO_FAST: SignedDuration = SignedDuration::from_secs(5);

/// All that the proxies of Apple's Mail Privacy Protection tell of themselves, which load the images of every mail soon
/// after it came. It is no proof, as others may send it too; whoever reads such a mail is known by what they click
/// (<https://support.clickdimensions.com/hc/en-us/articles/15707875851917-Introduction-to-Adjusted-Opens>,
/// <https://docs.sendgrid.com/for-developers/tracking-events/understanding-apple-mail-privacy-protection-and-open-events>).
/// Gmail's proxy (`GoogleImageProxy`) loads an image when somebody first looks at its mail, so that is a person
/// (<https://wordtothewise.com/2013/12/gmail-deploys-image-proxy-servers/>).
const APPLE: &str = "Mozilla/5.0";

/// What stands in the user agents of programs that look at links, in lower case: security gateways, those that show what a
/// link leads to, and libraries that no person reads mail with; collected by us, as no registry has them
/// (<https://www.suped.com/knowledge/email-deliverability/troubleshooting/how-can-i-identify-bot-user-agents-in-my-email-click-data>).
/// Whatever calls itself a bot is one too.
const SCANNERS: &[&str] = &[
    "barracuda",
    "checkpoint",
    "ciscosecureemail",
    "fireeye",
    "forcepoint",
    "fortimail",
    "ironport",
    "mimecast",
    "proofpoint",
    "safelinks",
    "sophos",
    "symantec",
    "trendmicro",
    "urlscan",
    "zerofox",
    "crawler",
    "facebookexternal",
    "linkexpanding",
    "preview",
    "scanner",
    "scraper",
    "spider",
    "whatsapp/",
    "aiohttp",
    "apache-httpclient",
    "axios/",
    "curl/",
    "go-http-client",
    "headless",
    "httpx",
    "java/",
    "jetty/",
    "libwww-perl",
    "lua-resty-http",
    "node-fetch",
    "phantomjs",
    "python",
    "wget/",
];

impl Followed<'_> {
    /// Who is thought to have done it. Whatever is unknown is a person, but for a request without a user agent: each browser
    /// and mail program sends one.
    pub fn by(&self) -> FollowedBy {
        let Followed { following, method, user_agent, purposes, since_sent } = *self;
        let agent = user_agent.map(str::trim).filter(|agent| !agent.is_empty());
        let is_early = following == Following::Click && since_sent.is_none_or(|since| since < TOO_FAST);
        if purposes.into_iter().flatten().any(is_prefetch) {
            FollowedBy::Machine(MachineReason::Prefetch)
        } else if method != "GET" || agent.is_none_or(is_scanner) {
            FollowedBy::Machine(MachineReason::Scanner)
        } else if following == Following::Open && agent == Some(APPLE) {
            FollowedBy::Machine(MachineReason::ImageProxy)
        } else if is_early {
            FollowedBy::Machine(MachineReason::TooFast)
        } else {
            FollowedBy::Person
        }
    }
}

/// `prefetch`, with whatever else the header says of it: `prefetch;prerender`. Safari says `preview` of what it shows small.
fn is_prefetch(purpose: &str) -> bool {
    let word = purpose.split([';', ',']).next().unwrap_or_default().trim();
    ["prefetch", "preview"].iter().any(|known| word.eq_ignore_ascii_case(known))
}

fn is_scanner(agent: &str) -> bool {
    let agent = agent.to_ascii_lowercase();
    // Telephones of one maker are no bots.
    SCANNERS.iter().any(|scanner| agent.contains(scanner)) || agent.replace("cubot", "").contains("bot")
}

impl Communication {
    /// So many openings and clicks of programs are told apart; further ones change nothing, so that a program that comes
    /// again and again costs no more than looking.
    pub const MOST_MACHINE_HITS: u32 = 10;

    /// How long ago it was sent, or was with whom it goes to where that is known; `None` where no provider took it.
    pub fn since_sent(&self, now: Timestamp) -> Option<SignedDuration> {
        self.sent_at.max(self.delivered_at).map(|at| now.duration_since(at))
    }

    /// Whether it is known already that somebody did this to it.
    pub const fn knows(&self, following: Following) -> bool {
        match following {
            Following::Open => self.read_at.is_some(),
            Following::Click => self.clicked_at.is_some(),
        }
    }

    /// A program opened it or followed a link in it, which tells nothing of whom it went to; `None` once it happened
    /// [often enough](Self::MOST_MACHINE_HITS).
    pub fn followed_by_machine(self, following: Following) -> Option<Change<Self>> {
        let mut after = self.clone();
        let hits = match following {
            Following::Open => &mut after.machine_opens,
            Following::Click => &mut after.machine_clicks,
        };
        if *hits >= Self::MOST_MACHINE_HITS {
            return None;
        }
        *hits += 1;
        Some(Change::update(self, after, "communication.machine_hit"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CHROME: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";

    fn a_click(user_agent: &str) -> Followed<'_> {
        Followed {
            following: Following::Click,
            method: "GET",
            user_agent: Some(user_agent),
            purposes: [None; 3],
            since_sent: Some(SignedDuration::from_mins(10)),
        }
    }

    fn an_open(user_agent: &str) -> Followed<'_> {
        Followed { following: Following::Open, ..a_click(user_agent) }
    }

    const fn machine(reason: MachineReason) -> FollowedBy {
        FollowedBy::Machine(reason)
    }

    #[test]
    fn people_are_people_whatever_they_read_mail_with() {
        let agents = [
            CHROME,
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 \
             Mobile/15E148 Safari/604.1",
            "Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Thunderbird/142.0",
            "Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 10.0; Win64; x64; Trident/7.0; Microsoft Outlook 16.0.17928)",
            "Mozilla/5.0 (Linux; Android 13; CUBOT X90) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile \
             Safari/537.36",
        ];
        for agent in agents {
            assert_eq!(a_click(agent).by(), FollowedBy::Person, "{agent}");
            assert_eq!(an_open(agent).by(), FollowedBy::Person, "{agent}");
        }
    }

    #[test]
    fn proxies_that_load_when_somebody_looks_are_people_and_those_that_always_load_are_not() {
        let google = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)";
        let yahoo = "YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html";
        for agent in [google, yahoo] {
            assert_eq!(an_open(agent).by(), FollowedBy::Person, "{agent}");
        }
        assert_eq!(an_open("Mozilla/5.0").by(), machine(MachineReason::ImageProxy));
        assert_eq!(a_click("Mozilla/5.0").by(), FollowedBy::Person, "it loads images alone");
    }

    #[test]
    fn programs_are_known_by_what_they_call_themselves() {
        let agents = [
            "BarracudaCentral/1.0",
            "Mozilla/5.0 (compatible; Proofpoint URL Defense)",
            "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
            "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/140.0.0.0 Safari/537.36",
            "python-requests/2.32.3",
            "curl/8.5.0",
            "Java/17.0.2",
            "",
            "  ",
        ];
        for agent in agents {
            assert_eq!(a_click(agent).by(), machine(MachineReason::Scanner), "{agent}");
            assert_eq!(an_open(agent).by(), machine(MachineReason::Scanner), "{agent}");
        }
        assert_eq!(Followed { user_agent: None, ..a_click("") }.by(), machine(MachineReason::Scanner));
    }

    #[test]
    fn what_a_browser_loads_beforehand_nobody_asked_for() {
        for purpose in ["prefetch", "prefetch;prerender", "prefetch;anonymous-client-ip", " Prefetch ", "preview"] {
            for place in 0..3 {
                let mut purposes = [Some("navigate"); 3];
                purposes[place] = Some(purpose);
                let by = Followed { purposes, ..a_click(CHROME) }.by();
                assert_eq!(by, machine(MachineReason::Prefetch), "{purpose}");
            }
        }
        for purpose in ["", "prefetched", "navigate", "x;prefetch"] {
            let by = Followed { purposes: [Some(purpose); 3], ..a_click(CHROME) }.by();
            assert_eq!(by, FollowedBy::Person, "{purpose}");
        }
    }

    #[test]
    fn a_click_sooner_than_people_read_is_none_of_theirs() {
        let by = |since: Option<SignedDuration>| Followed { since_sent: since, ..a_click(CHROME) }.by();
        for since in [None, Some(SignedDuration::from_secs(-3)), Some(SignedDuration::from_millis(4_999))] {
            assert_eq!(by(since), machine(MachineReason::TooFast), "{since:?}");
        }
        assert_eq!(by(Some(TOO_FAST)), FollowedBy::Person);
        // Who has the mail open when it comes sees it at once.
        assert_eq!(Followed { since_sent: None, ..an_open(CHROME) }.by(), FollowedBy::Person);
    }

    proptest! {
        #[test]
        fn a_person_asks_with_get_late_enough_and_for_no_other_purpose(
            click in any::<bool>(),
            method in prop_oneof![Just("GET"), Just("HEAD"), "[A-Z]{3,7}".prop_map(|_| "OPTIONS")],
            agent in proptest::option::of(prop_oneof![Just(CHROME.to_owned()), "\\PC{0,40}"]),
            purpose in proptest::option::of(prop_oneof![Just("prefetch".to_owned()), "\\PC{0,12}"]),
            seconds in proptest::option::of(-5_i64..20),
        ) {
            let following = if click { Following::Click } else { Following::Open };
            let since_sent = seconds.map(SignedDuration::from_secs);
            let followed = Followed {
                following, method, user_agent: agent.as_deref(), purposes: [None, purpose.as_deref(), None], since_sent,
            };
            if followed.by() == FollowedBy::Person {
                prop_assert_eq!(method, "GET");
                prop_assert!(agent.is_some_and(|agent| !agent.trim().is_empty()));
                prop_assert!(purpose.is_none_or(|purpose| !purpose.starts_with("prefetch;") && purpose != "prefetch"));
                prop_assert!(!click || since_sent.is_some_and(|since| since >= TOO_FAST));
            }
        }
    }
}
