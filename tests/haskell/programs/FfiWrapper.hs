-- Haskell closures as C function pointers by "wrapper": many live at once, called through
-- "dynamic", freed and made again. Catches executable pages that run out or collide.
module Main (main) where

import Control.Monad
import Foreign
import System.Mem

foreign import ccall "wrapper" mkFun :: (Int -> Int -> IO Int) -> IO (FunPtr (Int -> Int -> IO Int))
foreign import ccall "dynamic" callFun :: FunPtr (Int -> Int -> IO Int) -> Int -> Int -> IO Int
foreign import ccall "wrapper" mkDbl :: (Double -> Float -> Word8 -> Double) -> IO (FunPtr (Double -> Float -> Word8 -> Double))
foreign import ccall "dynamic" callDbl :: FunPtr (Double -> Float -> Word8 -> Double) -> Double -> Float -> Word8 -> Double

main :: IO ()
main = do
  fs <- forM [1 .. 300] $ \k -> mkFun (\a b -> return (a * k + b))
  performGC
  xs <- forM fs (\f -> callFun f 10 1)
  print (sum xs, head xs, last xs)
  mapM_ freeHaskellFunPtr (take 200 fs)
  gs <- forM [1 .. 100] $ \k -> mkFun (\a b -> return (a - b - k))
  ys <- forM (drop 200 fs ++ gs) (\f -> callFun f 2 1)
  print (sum ys)
  d <- mkDbl (\x y w -> x + realToFrac y * fromIntegral w)
  print (callDbl d 0.5 1.25 200)
  mapM_ freeHaskellFunPtr (drop 200 fs ++ gs) >> freeHaskellFunPtr d
  forM_ [1 .. 50 :: Int] $ \k -> do
    f <- mkFun (\a b -> return (a + b + k))
    r <- callFun f 1 2
    freeHaskellFunPtr f
    when (k `mod` 10 == 0) (print r)
