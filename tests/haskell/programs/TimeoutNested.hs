-- Nested timeouts: the one that is due first fires, and each catches only its own. Catches
-- timers mixed up.
module Main (main) where

import Control.Concurrent
import System.Timeout

main :: IO ()
main = do
  timeout 1000000 (timeout 20000 (threadDelay 5000000)) >>= print
  timeout 20000 (timeout 1000000 (threadDelay 5000000)) >>= print
  m <- newEmptyMVar :: IO (MVar ())
  timeout 20000 (takeMVar m) >>= print
  putMVar m ()
  timeout 20000 (takeMVar m) >>= print
