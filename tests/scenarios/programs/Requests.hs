-- | What a program sees when the host's tools ask its domain to end: here it asks itself. Role a handles
-- SIGTERM, in whatever it is doing; role b handles nothing and gets UserInterrupt.
module Main (main) where

import Control.Concurrent
import Control.Exception
import Control.Monad
import Data.IORef
import System.Environment
import System.Posix.Signals

import Domains

ask :: String -> IO ()
ask = storeWrite "control/shutdown"

main :: IO ()
main = do
  role : _ <- getArgs
  case role of
    "b" -> interrupted
    _ -> handling

handling :: IO ()
handling = do
  came <- newEmptyMVar
  seen <- newIORef (0 :: Int)
  _ <- installHandler sigTERM (Catch (modifyIORef seen (+ 1) >> putMVar came ())) Nothing

  ask "poweroff"
  let compute :: Integer -> IO ()
      compute n = do
        now <- readIORef seen
        let next = n * n `mod` 1000000007 + 1
        when (now == 0) (next `seq` compute next)
  compute 2
  takeMVar came
  putStrLn "A program that computes gets it"

  ask "reboot"
  let sleep = readIORef seen >>= \now -> when (now == 1) (threadDelay 1000 >> sleep)
  sleep
  takeMVar came
  putStrLn "One that sleeps gets it"

  ask "poweroff"
  takeMVar came
  putStrLn "One that waits for an MVar gets it"

  deadlock <- try (newEmptyMVar >>= takeMVar)
  putStrLn ("One that nobody can wake: " ++ show (deadlock :: Either BlockedIndefinitelyOnMVar ()))
  value <- storeRead "control/shutdown"
  putStrLn ("Left of the requests: " ++ show value)

interrupted :: IO ()
interrupted =
  ( do
      putStrLn "It sleeps"
      ask "poweroff"
      threadDelay 100000000
      putStrLn "It has slept"
  )
    `catch` (\e -> putStrLn ("An exception: " ++ show (e :: AsyncException)) >> throwIO e)
    `finally` putStrLn "It cleans up"
