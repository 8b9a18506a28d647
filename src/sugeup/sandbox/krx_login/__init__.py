"""KRX 정보데이터시스템 simulated: the pages of its log-in and of its statistics, over the market of a sandbox."""
