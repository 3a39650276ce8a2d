"""Services to be told by: what kind of channel each is, and which are not for us."""

from __future__ import annotations

from typing import Final

from domain.notifications import Channel


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


EMAIL: Final = _words(
    "mailto mailtos azure brevo groundmail mailersend mailgun o365 postmark resend sendgrid "
    "sendpulse ses smtp2go sparkpost"
)
SMS: Final = _words(
    "46elks atalk bulksms bulkvs burstsms clickatell clicksend cm d7sms eight00com elks exotel "
    "freemobile gupshup httpsms infobip kaleyra kavenegar klr kudosity mobilemessage mobilemsg "
    "msg91 msgbird nexmo notifyre octopush plivo ringc serwersms seven sfr sinch smpp smpps smsc "
    "smseagle smseagles smsmanager smsmgr smstunnel sns telesign telnyx twilio voipms "
    "vonage"
)
#: These act on the platform's own machine, or read its files.
NOT_FOR_US: Final = _words(
    "blink1 dbus deltachat deltachats fcm glib gnome kde macosx nostr qt rsyslog session sessions "
    "sogs syslog vapid windows"
)
#: Parameters that name a file of the platform's machine.
READ_FILES: Final = _words("keyfile subfile pgp pgpkey pgppub pgpprv pem pemkey prvkey pubkey")
#: Here, a template is a file; with others it is an id.
TEMPLATE_FILES: Final = _words("discord guilded notifyre slack tgram workflow workflows")
#: These ask whichever host they are given; with others the host may be a secret, and no name.
ANY_HOST: Final = _words("apprise apprises form forms json jsons xml xmls")
#: Whoever knows the whole address may write there: its path is as secret as a password.
HOOKS: Final = _words(
    "apprise apprises form forms json jsons ntfy ntfys xml xmls workflow workflows"
)


def channel_of(schema: str) -> Channel:
    """What kind of channel a service is, by the beginning of its address."""
    if schema in EMAIL:
        return Channel.EMAIL
    return Channel.SMS if schema in SMS else Channel.PUSH
