"""The carrier's other side for the contract: `[tcma.transport_stands] carrier = carrier_stand:CarrierStand`."""

from tests.adapters.test_relay_contract import SmtpStand


class CarrierStand(SmtpStand):
    """The same server, under the carrier's own address."""

    def __init__(self, request):
        super().__init__(request)
        self.url = self.url.replace("smtp://", "carrier://")
        self.away = self.away.replace("smtp://", "carrier://")
