-- An exception in a child thread is reported on stderr and ends that thread only; ThreadKilled
-- and BlockedIndefinitely are not reported. Status 0.
module Main (main) where

import Control.Concurrent
import Control.Exception
import Control.Monad
import GHC.Conc
import System.IO

main :: IO ()
main = do
  hSetBuffering stdout LineBuffering
  hSetBuffering stderr LineBuffering
  run (throwIO (userError "in a thread"))
  run (throwIO ThreadKilled)
  run (error "evaluated" :: IO ())
  run (putStrLn "fine")
  putStrLn "main goes on"

run :: IO () -> IO ()
run act = do
  done <- newEmptyMVar
  -- The report is made after the thread's own handlers, so wait until it is done.
  t <- forkIO (act `finally` putMVar done ())
  let wait = threadStatus t >>= \s -> unless (s `elem` [ThreadFinished, ThreadDied]) (yield >> wait)
  takeMVar done
  wait
